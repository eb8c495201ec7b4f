"""Backpressure by credits: who keeps to them is never refused, and no credit is lost."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fleet.protocol.errors import UsageError
from fleet.runtime import Address, Credited
from fleet.runtime.credits import Sender
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import Put

NAMES = ["/a", "/b", "/c"]


class CreditModel(RuleBasedStateMachine):
    """Senders that ask, send, die and come back, and an owner that takes."""

    BOUND = 6

    def __init__(self):
        super().__init__()
        self.mailbox = Credited(self.BOUND)
        self.lives = dict.fromkeys(NAMES, 1)
        self.credit = dict.fromkeys(NAMES, 0)
        self.waits = dict.fromkeys(NAMES, False)
        self.number = 0

    def sender(self, name, most):
        life = self.lives[name]

        def tell(granted):
            assert self.lives[name] == life, "a dead one was told"
            assert granted > 0
            self.credit[name] += granted
            self.waits[name] = False

        return Sender(name, life, lambda: self.lives[name] == life, tell, most)

    @rule(name=st.sampled_from(NAMES), most=st.integers(1, 8))
    def ask(self, name, most):
        if self.waits[name]:
            return
        granted = self.mailbox.request(self.sender(name, most))
        assert granted <= most
        self.credit[name] += granted
        self.waits[name] = granted == 0

    @rule(name=st.sampled_from(NAMES))
    def send(self, name):
        if not self.credit[name]:
            return
        self.number += 1
        self.credit[name] -= 1
        life = self.lives[name]
        letter = Envelope("m", self.number, Address(name, None), life)
        assert self.mailbox.put(letter) is Put.ACCEPTED, "refused in spite of a credit"

    @rule()
    def intrude(self):
        self.number += 1
        promised = sum(self.credit.values())
        put = self.mailbox.put(Envelope("m", self.number))
        if len(self.mailbox) + promised > self.BOUND:
            raise AssertionError("room that was promised was given away")
        assert put in {Put.ACCEPTED, Put.REJECTED}

    @rule()
    def take(self):
        self.mailbox.pop()

    @rule(name=st.sampled_from(NAMES))
    def die(self, name):
        self.lives[name] += 1
        self.credit[name], self.waits[name] = 0, False
        self.mailbox.sweep()

    @invariant()
    def never_holds_more_than_its_bound(self):
        assert len(self.mailbox) <= self.BOUND

    @invariant()
    def an_empty_one_lets_nobody_wait(self):
        if not len(self.mailbox) and not any(self.credit.values()):
            assert not any(self.waits.values()), "somebody waits for room that is there"


TestCreditModel = CreditModel.TestCase
TestCreditModel.settings = settings(stateful_step_count=40)


def sender_to(slow, virtual, most, total):
    """Sends `total` messages as fast as it gets credits; notes each grant."""
    sent = []

    def receive(ctx, message):
        granted = message if isinstance(message, int) else 0
        while len(sent) < total:
            granted = granted or ctx.credit(slow, most, on_credit=lambda n: n)
            virtual.notes(granted)
            if not granted:
                return
            sent.extend(ctx.tell(slow, "work") for _ in range(granted))
            granted = 0

    return virtual.spawn(receive=receive)


def test_who_sends_by_credits_is_never_refused_and_gets_everything_through(virtual):
    done = []
    slow = virtual.spawn(
        "/slow", mailbox=lambda: Credited(3), receive=lambda ctx, m: done.append(m)
    )
    sender_to(slow, virtual, most=2, total=20).tell("go")
    virtual.run(1)
    assert done == ["work"] * len(done)
    assert len(done) >= 20
    assert 0 in virtual.notes.all, "there was no pressure at all"
    assert virtual.system.dead_letters.counts.total() == 0
    assert virtual.system.view("/slow").books.missing == 0


@pytest.mark.parametrize("end", ["crash", "stop"])
def test_the_credits_of_one_that_ends_without_sending_go_to_those_who_wait(virtual, end):
    slow = virtual.spawn("/slow", mailbox=lambda: Credited(2))
    holder, waiter = virtual.spawn("/holder"), virtual.spawn("/waiter")

    def take_all(ctx):
        assert ctx.credit(slow, 2, on_credit=str) == 2

    holder.tell(take_all)
    waiter.tell(lambda ctx: virtual.notes(ctx.credit(slow, 2, on_credit=lambda n: ("late", n))))
    virtual.run(1)
    assert virtual.notes.all == [0]
    if end == "crash":
        holder.tell(lambda ctx: 1 / 0)
    else:
        virtual.system.stop("/holder")
    virtual.run(1)
    assert virtual.notes.all == [0, ("late", 2)]


def test_whoever_waits_is_told_that_the_address_has_closed(virtual):
    slow = virtual.spawn("/slow", mailbox=lambda: Credited(0))
    virtual.spawn(
        "/fast",
        receive=lambda ctx, m: (
            ctx.credit(slow, 1, on_credit=lambda n: n) if m == "go" else virtual.notes(m)
        ),
    ).tell("go")
    virtual.run(1)
    assert virtual.notes.all == []
    virtual.system.stop("/slow")
    virtual.run(1)
    assert virtual.notes.all == [0]


def test_room_that_is_made_while_somebody_asks_for_it_is_told_to_him():
    """The owner takes a message just after it was counted, and before its asker waits."""

    class Slow(Credited):
        def _grant(self, sender):
            granted = Credited._grant(self, sender)
            if not taker.is_alive() and not taken:
                taken.append(True)
                taker.start()
                while len(self):
                    taker.join(0.001)
            return granted

    told, taken, mailbox = [], [], Slow(1)
    taker = threading.Thread(target=mailbox.pop)
    mailbox.put(Envelope("m", 1))
    assert mailbox.request(Sender("/a", 1, lambda: True, told.append, 5)) == 0
    taker.join(30)
    assert told == [1]


def test_a_mailbox_without_credits_grants_whatever_is_asked(virtual):
    other = virtual.spawn("/other")
    asker = virtual.spawn("/asker")
    asker.tell(lambda ctx: virtual.notes(ctx.credit(other, 7, on_credit=str)))
    asker.tell(lambda ctx: virtual.notes(ctx.credit(ctx.address("/no"), 3, on_credit=str)))
    virtual.run(1)
    assert virtual.notes.all == [7, 3]


def test_a_bound_below_zero_is_refused():
    with pytest.raises(UsageError, match="0 messages or more"):
        Credited(-1)
