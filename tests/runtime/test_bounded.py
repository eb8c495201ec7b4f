"""What a full mailbox does, by policy; nobody ever waits for room."""

import threading

import pytest

from fleet.protocol.errors import UsageError
from fleet.runtime import Bounded
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import Put


def letter(number, **fields):
    return Envelope(f"m{number}", number, **fields)


def ids(envelopes):
    return [envelope.id for envelope in envelopes]


def test_dropping_the_oldest_keeps_the_latest_in_order_and_tells_who_went():
    mailbox = Bounded(2, "drop_oldest")
    puts = [mailbox.put(letter(number)) for number in range(1, 5)]
    assert puts == [Put.ACCEPTED, Put.ACCEPTED, Put.DISPLACED, Put.DISPLACED]
    assert ids(mailbox.displaced()) == [1, 2]
    assert mailbox.displaced() == []
    assert ids(mailbox.drain()) == [3, 4]


def test_answers_and_timers_are_never_dropped_for_others():
    mailbox = Bounded(2, "drop_oldest")
    for number, own in [(1, True), (2, False), (3, False)]:
        mailbox.put(letter(number, own=own))
    assert ids(mailbox.displaced()) == [2]
    assert ids(mailbox.drain()) == [1, 3]


def test_where_only_the_actors_own_messages_wait_the_new_one_is_refused():
    mailbox = Bounded(1, "drop_oldest")
    mailbox.put(letter(1, own=True))
    assert mailbox.put(letter(2)) is Put.REJECTED
    assert ids(mailbox.drain()) == [1]


@pytest.mark.parametrize(
    ("bound", "overflow", "says"),
    [(-1, "reject", "0 messages or more"), (1, "block", "reject or drop_oldest")],
)
def test_a_bound_or_a_policy_that_cannot_be_is_refused_with_what_can(bound, overflow, says):
    with pytest.raises(UsageError, match=says):
        Bounded(bound, overflow)


def test_many_senders_at_once_never_exceed_the_bound():
    mailbox, start = Bounded(50), threading.Barrier(4)

    def send():
        start.wait(30)
        for number in range(200):
            mailbox.put(letter(number))

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(mailbox) == 50
    assert mailbox.accepted == 50


def test_what_had_to_make_room_becomes_a_dead_letter_and_its_sender_is_told(virtual):
    address = virtual.spawn(
        "/full",
        mailbox=lambda: Bounded(1, "drop_oldest"),
        overflow=lambda message: ("dropped", message),
    )
    virtual.run()
    sender = virtual.spawn("/sender")

    def send(ctx):
        ctx.tell(address, "first")
        ctx.tell(address, "second")

    sender.tell(send)
    virtual.run()
    assert sorted(virtual.notes.all, key=str) == [("dropped", "first"), "second"]
    (letter,) = virtual.system.dead_letters.letters()
    assert (letter.envelope.message, letter.cause) == ("first", "overflow")
    assert virtual.system.view("/full").books.missing == 0
