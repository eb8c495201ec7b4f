"""The fence as a handshake: whichever comes first, the end of a message or its fence, wins."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.protocol.clock import Monotonic
from fleet.runtime import Address, Fifo, Props
from fleet.runtime.cell import Cell, State
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import wait


def new_cell(**props):
    given = {"factory": lambda: None, "budget": 5.0, **props}
    return Cell(Address("/a", None), Props(**given), Fifo(), "")


def letter(number):
    return Envelope(f"m{number}", number)


def opened(cell):
    number_and_bell = cell.open()
    return None if number_and_bell is None else number_and_bell[0]


@pytest.fixture
def cell():
    cell = new_cell()
    assert opened(cell) == 1
    return cell


def at(seconds):
    return Monotonic(float(seconds))


def test_a_message_in_time_is_not_fenced_and_one_over_its_budget_is(cell):
    cell.mailbox.put(letter(1))
    assert cell.take(1, at(10)).id == 1
    assert cell.fence(at(14.9)) is None
    cut = cell.fence(at(15))
    assert (cut.number, cut.hand.envelope.id) == (1, 1)
    assert cell.state is State.DOWN
    assert not cell.end(1)
    assert cell.handled == 0


def test_a_message_that_has_ended_is_not_fenced_any_more(cell):
    cell.mailbox.put(letter(1))
    cell.take(1, at(0))
    assert cell.end(1)
    assert cell.fence(at(1e9)) is None
    assert cell.handled == 1


@pytest.mark.parametrize("since", [0.1, 1_782_000_000.123, 1_782_000_000.7, 1e15 + 0.3])
@pytest.mark.parametrize("budget", [0.1, 0.3, 5.0, 7.7])
def test_the_fence_falls_at_the_very_moment_that_the_sum_tells(since, budget):
    """Virtual time looks once, at since + budget; (since + budget) - since may be less."""
    cell = new_cell(budget=budget)
    cell.open()
    cell.mailbox.put(letter(1))
    cell.take(1, at(since))
    assert cell.fence(at(since + budget)) is not None


def test_an_incarnation_that_was_cut_off_while_idle_takes_nothing(cell):
    cell.mailbox.put(letter(1))
    assert cell.retire().number == 1
    assert cell.take(1, at(0)) is None
    assert opened(cell) == 3
    assert cell.take(3, at(0)).id == 1


def test_an_incarnation_that_is_cut_off_while_it_waits_is_woken_at_its_own_bell():
    cell = new_cell()
    _, bell = cell.open()
    cell.retire()
    _, new = cell.open()
    assert wait(bell, block=False)
    assert not wait(new, block=False)


def test_only_the_right_incarnation_may_end_by_itself(cell):
    assert cell.retire(7) is None
    assert cell.retire(1) is not None
    assert cell.retire(1) is None
    assert cell.retire() is None


def test_an_address_opens_only_when_it_is_down(cell):
    assert cell.open() is None
    cell.retire()
    assert opened(cell) == 3
    cell.close()
    assert cell.open() is None
    assert cell.close() is None
    assert cell.closed


def test_closing_cuts_off_what_runs_and_tells_its_number(cell):
    cell.mailbox.put(letter(1))
    cell.take(1, at(0))
    cut = cell.close()
    assert (cut.number, cut.hand.envelope.id) == (1, 1)
    assert not cell.end(1)


def test_closing_what_is_down_tells_the_last_number(cell):
    cell.retire()
    assert cell.close().number == 1


def test_registering_is_refused_to_who_was_fenced(cell):
    assert cell.register(1, print)
    cut = cell.retire()
    assert cut.cancellables == [print]
    assert not cell.register(1, print)
    assert not cell.cancellables


def test_progress_counts_for_the_living_one_only_and_is_bounded():
    cell = new_cell(progress_limit=2)
    cell.open()
    cell.mailbox.put(letter(1))
    cell.take(1, at(0))
    cell.progress(9, at(100))
    assert cell.in_hand.since == 0
    for now in [1, 2, 3]:
        cell.progress(1, at(now))
    assert cell.in_hand.since == 2
    assert cell.fence(at(7)) is not None


class CellModel(RuleBasedStateMachine):
    """Old incarnations go on calling; at most one ever counts, and no message is in two hands."""

    def __init__(self):
        super().__init__()
        self.cell = new_cell()
        self.put_, self.handled, self.cut_off = 0, [], []
        self.hands = {}
        """By incarnation, what it believes to have in hand; None when it is idle."""

    @rule()
    def put(self):
        self.put_ += 1
        self.cell.mailbox.put(letter(self.put_))

    @rule()
    def open(self):
        number = opened(self.cell)
        if number is not None:
            assert number not in self.hands
            self.hands[number] = None

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def take(self, data):
        number = data.draw(st.sampled_from(sorted(self.hands)))
        if self.hands[number] is not None:
            return
        taken = self.cell.take(number, at(0))
        if taken is not None:
            assert number == self.cell.number
            self.hands[number] = taken.id

    @precondition(lambda self: any(self.hands.values()))
    @rule(data=st.data())
    def end(self, data):
        busy = sorted(number for number, hand in self.hands.items() if hand)
        number = data.draw(st.sampled_from(busy))
        if self.cell.end(number):
            self.handled.append(self.hands[number])
        self.hands[number] = None

    @rule(way=st.sampled_from(["fence", "retire", "crash"]))
    def cut(self, way):
        number = self.cell.number
        if way == "fence":
            cut = self.cell.fence(at(1e9))
        else:
            cut = self.cell.retire(number if way == "crash" else None)
        if cut is not None:
            assert cut.number == number
            if cut.hand is not None:
                self.cut_off.append(cut.hand.envelope.id)

    @invariant()
    def every_message_is_in_one_place(self):
        live = self.cell.in_hand
        here = [live.envelope.id] if live is not None else []
        gone = sorted(self.handled + self.cut_off + here)
        assert gone == list(range(1, self.put_ - len(self.cell.mailbox) + 1))

    @invariant()
    def counts_what_was_handled(self):
        assert self.cell.handled == len(self.handled)


TestCellModel = CellModel.TestCase
TestCellModel.settings = settings(stateful_step_count=30)
