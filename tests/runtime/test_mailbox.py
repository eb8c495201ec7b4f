import threading
from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.runtime.bounded import Bounded
from fleet.runtime.envelope import Envelope
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Fifo, Put, wait


def letter(number, **fields):
    return Envelope(f"m{number}", number, **fields)


def ids(envelopes):
    return [envelope.id for envelope in envelopes]


@pytest.fixture(params=[Fifo, lambda: LaneMailbox(lambda _: None)], ids=["fifo", "no lanes"])
def mailbox(request):
    return request.param()


def test_messages_come_out_in_the_order_they_came_in(mailbox):
    for number in range(5):
        assert mailbox.put(letter(number)) is Put.ACCEPTED
    assert ids(mailbox.get(block=False) for _ in range(5)) == [0, 1, 2, 3, 4]
    assert mailbox.get(block=False) is None


def test_the_system_lane_goes_first_even_if_it_comes_last(mailbox):
    mailbox.put(letter(1))
    mailbox.put_system(letter(2))
    mailbox.put(letter(3))
    mailbox.put_system(letter(4))
    assert ids(mailbox.drain()) == [2, 4, 1, 3]


def test_what_is_given_back_takes_its_old_place(mailbox):
    for number in range(1, 6):
        mailbox.put(letter(number))
    first, second, third = (mailbox.get(block=False) for _ in range(3))
    mailbox.give_back(second)
    mailbox.give_back(third)
    mailbox.give_back(first)
    assert ids(mailbox.drain()) == [1, 2, 3, 4, 5]


def test_the_count_is_of_messages_and_not_of_wake_ups(mailbox):
    mailbox.put_system(letter(1))
    mailbox.put(letter(2))
    mailbox.wake()
    assert len(mailbox) == 2
    mailbox.get(block=False)
    assert len(mailbox) == 1
    mailbox.get(block=False)
    assert len(mailbox) == 0


def test_a_full_mailbox_refuses_and_takes_again_when_there_is_room():
    mailbox = Bounded(2)
    assert [mailbox.put(letter(number)) for number in range(3)] == [
        Put.ACCEPTED,
        Put.ACCEPTED,
        Put.REJECTED,
    ]
    mailbox.get(block=False)
    assert mailbox.put(letter(4)) is Put.ACCEPTED
    assert ids(mailbox.drain()) == [1, 4]


def test_system_messages_and_wake_ups_take_no_room_from_others():
    mailbox = Bounded(1)
    for number in range(10):
        mailbox.put_system(letter(number))
        mailbox.wake()
    assert mailbox.put(letter(10)) is Put.ACCEPTED
    for _ in range(10):
        assert mailbox.get(block=False) is not None
    assert mailbox.put(letter(11)) is Put.REJECTED


def test_the_actors_own_answers_and_timers_are_never_refused():
    mailbox = Bounded(1)
    mailbox.put(letter(1))
    assert mailbox.put(letter(2, own=True)) is Put.ACCEPTED
    assert mailbox.put(letter(3)) is Put.REJECTED
    assert ids(mailbox.drain()) == [1, 2]


def test_a_look_at_a_bell_that_is_silent_does_not_wait(mailbox):
    bell = mailbox.renew()
    assert wait(bell, block=False) is False
    assert mailbox.get(block=False) is None


def test_a_wake_up_ends_a_wait_without_a_message(mailbox):
    bell = mailbox.renew()
    mailbox.wake()
    assert wait(bell, block=False)
    assert mailbox.pop() is None


@pytest.mark.parametrize("way", ["put", "put_system", "give_back", "wake"])
def test_a_thread_that_waits_is_woken(mailbox, way):
    woken, bell = threading.Event(), mailbox.renew()
    waiter = threading.Thread(target=lambda: wait(bell) and woken.set(), daemon=True)
    waiter.start()
    getattr(mailbox, way)(*([] if way == "wake" else [letter(1)]))
    assert woken.wait(30)


def test_a_new_bell_has_rung_for_all_that_waits_and_the_old_one_is_silent(mailbox):
    old = mailbox.renew()
    mailbox.put(letter(1))
    mailbox.put_system(letter(2))
    new = mailbox.renew()
    assert [wait(new, block=False) for _ in range(3)] == [True, True, False]
    while wait(old, block=False):
        pass
    mailbox.put(letter(3))
    mailbox.wake()
    assert not wait(old, block=False)
    assert wait(new, block=False)


def test_no_message_goes_unheard_while_bells_are_changed():
    """A producer may have the old bell in its hand when the new one is hung up."""
    mailbox, heard = Fifo(), []

    def consume():
        bell = mailbox.renew()
        while len(heard) < 3000:
            if len(heard) % 7 == 0:
                bell = mailbox.renew()
            wait(bell)
            taken = mailbox.pop()
            if taken is not None:
                heard.append(taken.id)

    consumer = threading.Thread(target=consume, daemon=True)
    consumer.start()
    for number in range(3000):
        mailbox.put(letter(number))
    consumer.join(30)
    assert heard == list(range(3000))


def test_many_producers_lose_nothing_and_keep_their_own_order():
    mailbox, start = Fifo(), threading.Barrier(8)

    def produce(producer):
        start.wait()
        for number in range(500):
            mailbox.put(Envelope((producer, number), 0))

    threads = [threading.Thread(target=produce, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    taken = []
    while any(thread.is_alive() for thread in threads) or len(mailbox):
        envelope = mailbox.get(block=False)
        if envelope is not None:
            taken.append(envelope.message)
    for producer in range(8):
        assert [n for p, n in taken if p == producer] == list(range(500))


class FifoModel(RuleBasedStateMachine):
    """Against three plain lists; one consumer that may hold what it took and give it back."""

    def __init__(self):
        super().__init__()
        self.bound = 5
        self.mailbox = Bounded(self.bound)
        self.number = 0
        self.system, self.front, self.queue = deque(), [], deque()
        self.taken = []
        self.bell = self.mailbox.renew()

    def next(self, **fields):
        self.number += 1
        return letter(self.number, **fields)

    @rule(own=st.booleans())
    def put(self, own):
        envelope = self.next(own=own)
        expected = Put.ACCEPTED if own or len(self.queue) < self.bound else Put.REJECTED
        assert self.mailbox.put(envelope) is expected
        if expected is Put.ACCEPTED:
            self.queue.append(envelope)

    @rule()
    def put_system(self):
        envelope = self.next()
        self.mailbox.put_system(envelope)
        self.system.append(envelope)

    @rule()
    def wake(self):
        self.mailbox.wake()

    @rule()
    def renew(self):
        self.bell = self.mailbox.renew()

    @rule()
    def take(self):
        taken = self.mailbox.pop()
        if self.system:
            assert taken is self.system.popleft()
        elif self.front:
            assert taken is self.front.pop(0)
            self.taken.append(taken)
        elif self.queue:
            assert taken is self.queue.popleft()
            self.taken.append(taken)
        else:
            assert taken is None

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def give_back(self, data):
        envelope = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        self.mailbox.give_back(envelope)
        self.front = sorted([*self.front, envelope], key=lambda other: other.id)

    @invariant()
    def counts_what_waits(self):
        assert len(self.mailbox) == len(self.system) + len(self.front) + len(self.queue)

    def teardown(self):
        # A wait must never sleep while something is there, however often one has looked.
        while len(self.mailbox):
            assert wait(self.bell, block=False)
            self.mailbox.pop()


TestFifoModel = FifoModel.TestCase
TestFifoModel.settings = settings(stateful_step_count=40)
