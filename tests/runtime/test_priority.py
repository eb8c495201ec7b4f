"""The most urgent first, in order among equals, and nothing lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.errors import UsageError
from fleet.runtime import Priority
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.mailbox import Put


def urgency(message):
    return message[0]


def letter(level, number, **fields):
    return Envelope((level, number), number, **fields)


def ids(envelopes):
    return [envelope.id for envelope in envelopes]


@given(st.lists(st.integers(0, 3), max_size=30))
def test_messages_come_out_by_urgency_and_in_order_among_equals(levels):
    mailbox = Priority(urgency)
    for number, level in enumerate(levels):
        assert mailbox.put(letter(level, number)) is Put.ACCEPTED
    expected = sorted(range(len(levels)), key=lambda number: (levels[number], number))
    assert ids(mailbox.get(block=False) for _ in levels) == expected
    assert mailbox.get(block=False) is None


def test_the_kernels_messages_and_answers_go_ahead_of_all():
    mailbox = Priority(urgency)
    mailbox.put(letter(0, 1))
    mailbox.put(Envelope(Answer(1, "yes"), 2, own=True))
    mailbox.put_system(Envelope("stop", 3))
    assert ids(mailbox.drain()) == [3, 2, 1]


def test_what_is_given_back_goes_ahead_of_its_equals_that_came_later():
    mailbox = Priority(urgency)
    for number in (1, 2, 3):
        mailbox.put(letter(1, number))
    mailbox.put(letter(0, 4))
    urgent, first = mailbox.get(block=False), mailbox.get(block=False)
    mailbox.give_back(first)
    mailbox.give_back(urgent)
    assert ids(mailbox.drain()) == [4, 1, 2, 3]


def test_a_full_one_refuses_all_but_the_actors_own():
    mailbox = Priority(urgency, bound=1)
    mailbox.put(letter(5, 1))
    assert mailbox.put(letter(0, 2)) is Put.REJECTED
    assert mailbox.put(letter(0, 3, own=True)) is Put.ACCEPTED
    assert ids(mailbox.drain()) == [3, 1]


def test_its_head_is_what_waits_longest_and_not_what_goes_next():
    mailbox = Priority(urgency)
    assert mailbox.head() is None
    mailbox.put(letter(9, 1))
    mailbox.put(letter(0, 2))
    assert mailbox.head().id == 1


def test_a_bound_below_zero_is_refused():
    with pytest.raises(UsageError, match="0 messages or more"):
        Priority(urgency, bound=-1)


def test_an_actor_handles_the_urgent_one_first_and_its_backlog_survives_a_crash(virtual):
    def receive(ctx, message):
        if message == (0, "crash"):
            raise ValueError
        virtual.notes(message)

    address = virtual.spawn("/a", mailbox=lambda: Priority(urgency), receive=receive)
    for message in [(2, "c"), (1, "b"), (0, "crash"), (1, "d")]:
        address.tell(message)
    virtual.run(10)
    assert virtual.notes.all == [(1, "b"), (1, "d"), (2, "c")]


@pytest.mark.parametrize("bad", [None, "urgent", float("nan"), (1, 2)])
def test_a_message_whose_key_is_no_number_spoils_nothing_for_the_others(virtual, bad):
    address = virtual.spawn(mailbox=lambda: Priority(urgency))
    for level in (3, bad, 1, bad, 2):
        address.tell((level, "message"))
    virtual.run()
    assert virtual.notes.all == [(level, "message") for level in (1, 2, 3)]
    causes = [letter.cause for letter in virtual.system.dead_letters.letters()]
    assert causes == ["poison", "poison"]
    assert virtual.system.view(address.path).books.missing == 0
