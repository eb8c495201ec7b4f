"""Lanes as a protocol: nothing lost, nothing doubled, order kept, and somebody is always told."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.runtime import AskFailed, Held
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Put


def by_number(message):
    return message[0] if isinstance(message, tuple) else None


def held(lane, number, **fields):
    return Envelope((lane, number), number, **fields)


def ids(envelopes):
    return [envelope.id for envelope in envelopes]


@pytest.fixture
def lanes():
    return LaneMailbox(by_number)


def fill(lanes, *pairs):
    for lane, number in pairs:
        assert lanes.put(held(lane, number)) is Put.ACCEPTED


def signals(lanes):
    return [envelope.message for envelope in iter(lambda: lanes.get(block=False), None)]


def test_messages_of_a_lane_are_held_and_the_others_delivered(lanes):
    lanes.put(Envelope("plain", 1))
    fill(lanes, (0, 2), (1, 3))
    lanes.put(Envelope("later", 4))
    assert signals(lanes) == ["plain", Held(), "later"]
    assert lanes.held == 2
    assert [(view.lane, view.head.id, view.depth) for view in lanes.heads()] == [
        (0, 2, 1),
        (1, 3, 1),
    ]


def test_one_signal_is_enough_until_the_actor_looks(lanes):
    fill(lanes, (0, 1), (0, 2), (1, 3))
    assert signals(lanes) == [Held()]
    fill(lanes, (0, 4))
    assert signals(lanes) == []
    lanes.heads()
    fill(lanes, (0, 5))
    assert signals(lanes) == [Held()]
    lanes.lease(0)
    fill(lanes, (0, 6))
    assert signals(lanes) == [Held()]


def test_a_lease_takes_from_the_head_and_settling_ends_it(lanes):
    fill(lanes, (0, 1), (0, 2), (0, 3))
    assert ids(lanes.lease(0, 2)) == [1, 2]
    assert lanes.held == 1
    assert sorted(lanes.leases) == [1, 2]
    assert lanes.settle(1).envelope.id == 1
    assert lanes.settle(1) is None
    assert sorted(lanes.leases) == [2]
    assert ids(lanes.lease(0, 5)) == [3]
    assert lanes.lease(0) == lanes.lease(7) == []


def test_what_is_released_returns_to_its_old_place_and_is_told(lanes):
    fill(lanes, *[(0, number) for number in range(1, 6)])
    lanes.lease(0, 4)
    signals(lanes)
    for number in [3, 1, 4]:
        lanes.release(number)
    assert signals(lanes) == [Held()]
    assert ids(lanes.lease(0, 9)) == [1, 3, 4, 5]
    lanes.release(99)


def test_a_new_incarnation_gets_back_what_was_leased_and_not_noted(lanes):
    fill(lanes, *[(0, number) for number in range(1, 6)])
    signals(lanes)
    lanes.lease(0, 4)
    lanes.note(2, "with a worker")
    lanes.restore()
    assert signals(lanes) == [Held()]
    assert {number: lease.note for number, lease in lanes.leases.items()} == {2: "with a worker"}
    assert ids(lanes.lease(0, 9)) == [1, 3, 4, 5]


def test_restoring_nothing_tells_nothing(lanes):
    lanes.restore()
    assert signals(lanes) == []


def test_withdrawing_takes_what_waits_and_leaves_what_is_leased(lanes):
    fill(lanes, (0, 1), (0, 2), (1, 3), (1, 4))
    lanes.lease(0)
    assert ids(lanes.withdraw(lambda envelope: envelope.id != 4)) == [2, 3]
    assert ids(lanes.lease(1, 9)) == [4]
    assert sorted(lanes.leases) == [1, 4]


def test_a_bound_counts_what_waits_and_not_what_is_leased():
    lanes = LaneMailbox(by_number, bound=2)
    fill(lanes, (0, 1), (1, 2))
    assert lanes.put(held(0, 3)) is Put.REJECTED
    assert lanes.put(Envelope("plain", 4)) is Put.ACCEPTED
    assert lanes.put(held(0, 5, own=True)) is Put.ACCEPTED
    lanes.lease(0, 2)
    assert lanes.put(held(0, 6)) is Put.ACCEPTED


def test_answers_are_delivered_and_never_shown_to_the_actors_rule():
    def strict(message):
        raise AssertionError("the kernel's own message")

    lanes = LaneMailbox(strict, bound=0)
    assert lanes.put(Envelope(Answer(1, "x"), 2, own=True)) is Put.ACCEPTED
    assert lanes.get(block=False).message == Answer(1, "x")


def test_a_message_that_lost_the_race_to_its_lane_takes_the_place_of_its_id(lanes):
    """Two senders: the one with the lower id may come second."""
    fill(lanes, (0, 5), (0, 3), (0, 4), (0, 9), (0, 1))
    assert ids(lanes.lease(0, 9)) == [1, 3, 4, 5, 9]


def test_closing_takes_everything_out(lanes):
    lanes.put(Envelope("plain", 1))
    fill(lanes, (0, 2), (1, 3), (0, 4))
    lanes.lease(0)
    out = lanes.drain()
    assert [e.message for e in out if not isinstance(e.message, Held)] == [
        "plain",
        (0, 2),
        (1, 3),
        (0, 4),
    ]
    assert len(lanes) == lanes.held == len(lanes.leases) == 0


def test_producers_race_and_nothing_is_lost_nor_untold():
    lanes, numbers, lock = LaneMailbox(by_number), iter(range(4000)), threading.Lock()

    def produce():
        for _ in range(500):
            with lock:
                number = next(numbers)
            lanes.put(held(number % 3, number))

    got = {0: [], 1: [], 2: []}

    def consume():
        while sum(map(len, got.values())) < 4000:
            # If a signal were ever forgotten, this would starve.
            lanes.get()
            for view in lanes.heads():
                leased = lanes.lease(view.lane, 4000)
                got[view.lane] += [lanes.settle(envelope.id).envelope.id for envelope in leased]

    consumer = threading.Thread(target=consume, daemon=True)
    for thread in [consumer, *(threading.Thread(target=produce) for _ in range(8))]:
        thread.start()
    consumer.join(30)
    assert sorted(number for numbers in got.values() for number in numbers) == list(range(4000))


class LanesModel(RuleBasedStateMachine):
    """An actor, its deaths and its senders, against a plain dict of where each message is."""

    def __init__(self):
        super().__init__()
        self.lanes = LaneMailbox(by_number, bound=12)
        self.number = 0
        self.place = {}
        """waiting, leased, noted, settled, withdrawn or refused, by id."""

        self.lane = {}
        self.untold = False
        """Something came in since the actor last looked, and no signal has been queued since."""

    def among(self, *places):
        return sorted(number for number, place in self.place.items() if place in places)

    @rule(lane=st.integers(0, 2), own=st.booleans())
    def put(self, lane, own):
        self.number += 1
        full = len(self.among("waiting")) >= 12
        put = self.lanes.put(held(lane, self.number, own=own))
        assert put is (Put.REJECTED if full and not own else Put.ACCEPTED)
        self.lane[self.number] = lane
        self.place[self.number] = "waiting" if put is Put.ACCEPTED else "refused"
        if put is Put.ACCEPTED:
            self.untold = True

    @rule(lane=st.integers(0, 2), most=st.integers(0, 4))
    def lease(self, lane, most):
        expected = [n for n in self.among("waiting") if self.lane[n] == lane][:most]
        assert ids(self.lanes.lease(lane, most)) == expected
        self.place.update(dict.fromkeys(expected, "leased"))
        self.untold = False

    @rule()
    def look(self):
        waiting = self.among("waiting")
        expected = []
        for lane in range(3):
            mine = [number for number in waiting if self.lane[number] == lane]
            if mine:
                expected.append((lane, mine[0], len(mine)))
        assert [(v.lane, v.head.id, v.depth) for v in self.lanes.heads()] == expected
        self.untold = False

    def draw(self, data, *places):
        return data.draw(st.sampled_from(self.among(*places)))

    @precondition(lambda self: self.among("leased", "noted"))
    @rule(data=st.data())
    def settle(self, data):
        number = self.draw(data, "leased", "noted")
        assert self.lanes.settle(number).envelope.id == number
        self.place[number] = "settled"

    @precondition(lambda self: self.among("settled", "waiting", "withdrawn"))
    @rule(data=st.data())
    def settle_what_is_not_leased(self, data):
        assert self.lanes.settle(self.draw(data, "settled", "waiting", "withdrawn")) is None

    @precondition(lambda self: self.among("leased"))
    @rule(data=st.data())
    def note(self, data):
        number = self.draw(data, "leased")
        self.lanes.note(number, "noted")
        self.place[number] = "noted"

    @precondition(lambda self: self.among("leased", "noted"))
    @rule(data=st.data())
    def release(self, data):
        number = self.draw(data, "leased", "noted")
        self.lanes.release(number)
        self.place[number] = "waiting"
        self.untold = True

    @precondition(lambda self: self.place)
    @rule(odd=st.booleans())
    def withdraw(self, odd):
        gone = [number for number in self.among("waiting") if number % 2 == odd]
        assert sorted(ids(self.lanes.withdraw(lambda e: e.id % 2 == odd))) == gone
        self.place.update(dict.fromkeys(gone, "withdrawn"))

    @rule()
    def die(self):
        """A crash or hang: what the next incarnation's start does."""
        self.lanes.restore()
        self.place.update(dict.fromkeys(self.among("leased"), "waiting"))
        self.untold = True

    @rule()
    def receive_signals(self):
        """The actor takes its signals, but does not look yet."""
        told = signals(self.lanes)
        assert set(told) <= {Held()}
        if self.untold and self.among("waiting"):
            assert told or self.told_before, "something waits and nobody was told"
        self.told_before = (self.told_before or bool(told)) and self.untold

    told_before = False

    @invariant()
    def a_look_needs_a_new_signal(self):
        if not self.untold:
            self.told_before = False

    @invariant()
    def everything_is_in_its_one_place(self):
        assert sorted(self.lanes.leases) == self.among("leased", "noted")
        assert self.lanes.held == len(self.among("waiting"))
        noted = [n for n, lease in self.lanes.leases.items() if lease.note == "noted"]
        assert sorted(noted) == self.among("noted")

    def teardown(self):
        for lane in range(3):
            left = [number for number in self.among("waiting") if self.lane[number] == lane]
            assert ids(self.lanes.lease(lane, 999)) == left, "in the order of their ids"


TestLanesModel = LanesModel.TestCase
TestLanesModel.settings = settings(stateful_step_count=40)


# -- with an actor on top


@pytest.mark.parametrize("end", ["crash", "retire"])
def test_what_an_actor_held_survives_it(virtual, end):
    batches = []

    def receive(ctx, message):
        if isinstance(message, Held):
            batches.append(ids(ctx.lanes.lease(0, 2)))
        elif message == "crash":
            raise ValueError
        elif message == "settle":
            for number in ctx.lanes.leases:
                ctx.lanes.settle(number)

    address = virtual.spawn("/a", receive=receive, mailbox=lambda: LaneMailbox(by_number))
    for number in range(3):
        address.tell((0, number))
    virtual.run()
    if end == "crash":
        address.tell("crash")
    else:
        virtual.system.retire("/a")
        virtual.system.restart("/a", "test")
    virtual.run(1)
    assert batches[-1] == batches[0], "leased again by the next incarnation"
    assert sum(map(len, batches[:-1])) == 3
    address.tell("settle")
    virtual.run()
    assert virtual.cell(address).mailbox.held == 1


def test_asks_behind_held_and_leased_messages_fail_when_the_address_closes(threads):
    seen = threading.Event()

    def receive(ctx, message):
        ctx.lanes.lease(0)
        seen.set()

    address = threads.spawn("/a", receive=receive, mailbox=lambda: LaneMailbox(by_number))
    outcomes = threading.Semaphore(0)

    def ask(number):
        with pytest.raises(AskFailed, match="stopped"):
            address.ask((0, number), timeout=40)
        outcomes.release()

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for asker in askers:
        asker.start()
    assert seen.wait(30)
    cell = threads.cell(address)
    while len(cell.mailbox.leases) + cell.mailbox.held < 3:
        threading.Event().wait(0.005)
    threads.system.stop("/a")
    assert all(outcomes.acquire(timeout=30) for _ in askers)
    assert threads.system.dead_letters.counts == {"stopped": 3}


def test_an_actor_without_lanes_is_told_so(virtual):
    address = virtual.spawn("/a")
    address.tell(lambda ctx: ctx.lanes)
    virtual.run()
    assert virtual.events.records("actor.crashed", reason="TypeError")
