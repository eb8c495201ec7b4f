"""Asks between actors and from outside: each is completed exactly once."""

import threading

import pytest

from fleet.protocol.clock import GameTime
from fleet.runtime import (
    AskFailed,
    AskTimeout,
    Bounded,
    Envelope,
    Future,
    Hang,
)

from .deeds import Got, asking, crash, hang


@pytest.fixture
def asker(virtual):
    return virtual.spawn("/asker")


# -- asks between actors


def test_an_answer_comes_as_the_askers_own_message(virtual, asker):
    other = virtual.spawn()
    asker.tell(asking(other, lambda ctx: ctx.reply(("from", ctx.sender))))
    virtual.run(100)
    assert virtual.notes.all == [Got(("from", asker))]


@pytest.mark.parametrize("nth", range(6))
def test_an_ask_is_completed_exactly_once_however_it_goes(virtual, asker, nth):
    def twice(ctx):
        ctx.reply("one")
        ctx.reply("two")

    def answered_then_crashed(ctx):
        ctx.reply("one")
        raise ValueError

    message, expected = [
        (twice, "one"),
        (answered_then_crashed, "one"),
        (crash, AskFailed),
        (hang, AskFailed),
        (lambda ctx: None, AskTimeout),
        (lambda ctx: ctx.stop(ctx.self) or ctx.reply("last"), "last"),
    ][nth]
    asker.tell(asking(virtual.spawn(budget=5.0), message))
    virtual.run(1000)
    (got,) = virtual.notes.all
    if isinstance(expected, type):
        assert isinstance(got.value, expected)
    else:
        assert got.value == expected


def test_asking_nobody_fails_at_once(virtual, asker):
    asker.tell(asking(virtual.system.address("/nobody"), "x"))
    virtual.run()
    (got,) = virtual.notes.all
    assert isinstance(got.value, AskFailed)
    assert "no_actor" in str(got.value)


def test_an_ask_that_waits_at_an_address_that_closes_fails(virtual, asker):
    other = virtual.spawn("/other")
    other.tell(lambda ctx: Hang(until=ctx.now() + 1))
    asker.tell(asking(other, "x"))
    virtual.run()
    virtual.system.stop("/other")
    virtual.run(2)
    (got,) = virtual.notes.all
    assert "stopped" in str(got.value)


def test_an_answer_after_the_timeout_changes_nothing(virtual, asker):
    kept = []
    other = virtual.spawn()
    asker.tell(asking(other, lambda ctx: kept.append(ctx.envelope), timeout=5))
    virtual.run(6)
    other.tell(lambda ctx: ctx.reply("late", to=kept[0]))
    virtual.run(10)
    (got,) = virtual.notes.all
    assert isinstance(got.value, AskTimeout)


@pytest.mark.parametrize(("busy", "handled"), [(4.9, True), (5.0, True), (5.1, False)])
def test_an_ask_is_begun_until_its_timeout_and_never_after(virtual, asker, busy, handled):
    """What it asks for may have an effect, and the asker has been told that it got no answer."""
    other = virtual.spawn(budget=100)
    other.tell(lambda ctx: Hang(until=ctx.now() + busy))
    virtual.run()
    asker.tell(asking(other, "begun", timeout=5))
    virtual.run(10)
    assert ("begun" in virtual.notes.all) == handled
    assert virtual.system.dead_letters.counts == ({} if handled else {"expired": 1})
    (got,) = [note for note in virtual.notes.all if note != "begun"]
    assert isinstance(got.value, AskTimeout)


def test_an_ask_that_is_in_hand_when_it_times_out_is_handled_to_its_end(virtual, asker):
    other = virtual.spawn(budget=100, receive=lambda ctx, message: Hang(until=ctx.now() + 9))
    asker.tell(asking(other, "in hand", timeout=5))
    virtual.run(10)
    (got,) = virtual.notes.all
    assert isinstance(got.value, AskTimeout)
    assert virtual.system.view(other.path).books.handled == 1
    assert virtual.system.dead_letters.counts == {}


def test_an_ask_that_was_put_aside_beyond_its_timeout_is_not_taken_up_again(virtual, asker):
    calls = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
        else:
            calls.append(message)
            ctx.stash()

    other = virtual.spawn(receive=receive)
    asker.tell(asking(other, "put aside", timeout=5))
    virtual.run(6)
    other.tell(lambda ctx: ctx.unstash())
    virtual.run()
    assert calls == ["put aside"]
    assert virtual.system.dead_letters.counts == {"expired": 1}
    assert virtual.system.view(other.path).books.missing == 0


def test_a_late_ask_fails_as_a_timeout_even_before_the_askers_own_clock_says_so(virtual):
    """A busy machine may serve the one who was asked before the one who asked."""
    future = Future()
    late = virtual.clock.monotonic() - 0.1
    virtual.system.post(virtual.spawn().path, Envelope("x", 10**6, future=future, deadline=late))
    virtual.run()
    with pytest.raises(AskTimeout, match="expired"):
        future.get(0)
    assert virtual.notes.all == []


def test_a_timeout_after_the_answer_changes_nothing_and_is_forgotten(virtual, asker):
    asker.tell(asking(virtual.spawn(), lambda ctx: ctx.reply(1), timeout=5))
    virtual.run()
    steps = virtual.dispatcher.steps
    virtual.run(10)
    assert virtual.dispatcher.steps == steps
    assert virtual.notes.all == [Got(1)]


def test_an_answer_gets_through_to_a_full_mailbox(virtual):
    """Refused like any message, it would leave the asker waiting for ever."""
    other = virtual.spawn()
    asker = virtual.spawn("/full", mailbox=lambda: Bounded(2))
    asker.tell(asking(other, lambda ctx: Hang(until=ctx.now() + 1) if ctx.reply("here") else None))
    asker.tell(lambda ctx: Hang(until=ctx.now() + 2))
    virtual.run(1)
    for number in range(5):
        asker.tell(number)
    virtual.run(5)
    assert Got("here") in virtual.notes.all
    assert virtual.system.dead_letters.counts["overflow"] == 4


@pytest.mark.parametrize("bound", [0, 1])
def test_an_ask_refused_by_a_full_mailbox_fails_once_and_a_tell_is_told(virtual, asker, bound):
    busy = virtual.spawn(
        mailbox=lambda: Bounded(bound), budget=100, overflow=lambda message: ("full", message)
    )
    if bound:
        busy.tell(lambda ctx: Hang(until=ctx.now() + 50))
        virtual.run()
        busy.tell("fills it")
    asker.tell(asking(busy, "asked"))
    asker.tell(lambda ctx: ctx.tell(busy, "told"))
    virtual.run(1)
    told, got = sorted(virtual.notes.all, key=lambda note: isinstance(note, Got))
    assert told == ("full", "told")
    assert "overflow" in str(got.value)


def test_a_new_incarnation_is_not_bothered_with_the_old_ones_answers(virtual, asker):
    other = virtual.spawn()
    asker.tell(asking(other, lambda ctx: Hang(until=ctx.now() + 1) and ctx.reply("x")))
    asker.tell(crash)
    virtual.run(100)
    assert virtual.notes.all == []


def test_an_on_reply_that_raises_is_a_crash_of_the_asker(virtual, asker):
    asker.tell(asking(virtual.spawn(), lambda ctx: ctx.reply(1), on_reply=lambda value: 1 / 0))
    virtual.run()
    asker.tell("alive again")
    virtual.run()
    assert virtual.events.records("actor.crashed", actor="/asker", reason="ZeroDivisionError")
    assert virtual.notes.all == ["alive again"]


def test_an_on_reply_that_hangs_is_fenced_like_any_handler(threads):
    release = threading.Event()
    other = threads.spawn()
    asker = threads.spawn("/asker", budget=0.1)
    asker.tell(asking(other, lambda ctx: ctx.reply(1), on_reply=lambda value: release.wait(30)))
    assert threads.events.wait_for("actor.hung", actor="/asker")
    release.set()


def test_an_answers_budget_is_that_of_the_message_it_became(virtual):
    asker = virtual.spawn(
        "/asker", receive=lambda ctx, m: m(ctx) if callable(m) else hang(ctx), budgets={Got: 2.0}
    )
    asker.tell(asking(virtual.spawn(), lambda ctx: ctx.reply(1)))
    virtual.run(3)
    (hung,) = virtual.events.records("actor.hung")
    assert hung["message_type"] == "Got"
    assert hung["text"].count("Timeout: 2s") == 1


def test_an_answer_can_be_stashed(virtual):
    calls = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
            return
        calls.append(message)
        if len(calls) == 1:
            ctx.stash()

    asker = virtual.spawn("/asker", receive=receive)
    asker.tell(asking(virtual.spawn(), lambda ctx: ctx.reply(1)))
    virtual.run()
    asker.tell(lambda ctx: ctx.unstash())
    virtual.run()
    assert calls == [Got(1), Got(1)]


# -- asks from outside


def test_whoever_asks_from_outside_gets_the_answer(threads):
    assert threads.spawn().ask(lambda ctx: ctx.reply("yes"), timeout=5) == "yes"


def test_an_outside_ask_that_timed_out_in_the_mailbox_is_never_handled(threads):
    gate = threading.Event()
    address = threads.spawn()
    address.tell(lambda ctx: gate.wait(5))
    with pytest.raises(AskTimeout):
        address.ask("nobody waits", timeout=0.02)
    gate.set()
    assert address.ask(lambda ctx: ctx.reply("in time"), timeout=5) == "in time"
    assert threads.notes.all == []
    assert [letter.cause for letter in threads.system.dead_letters.letters()] == ["expired"]


@pytest.mark.parametrize(
    ("path", "message", "why"),
    [("/nobody", "x", "no_actor"), ("/closed", "x", "stopped"), ("/live", crash, "poison")],
)
def test_an_outside_ask_that_cannot_succeed_fails_at_once(threads, path, message, why):
    threads.spawn("/live")
    threads.spawn("/closed")
    threads.system.abandon("/closed")
    with pytest.raises(AskFailed, match=why):
        threads.system.address(path).ask(message, timeout=5)


def test_an_expired_ask_fails_and_its_message_is_never_handled(virtual, threads):
    now = threads.clock.game()
    address = threads.spawn()
    gate = threading.Event()
    address.tell(lambda ctx: gate.wait(5))
    address.tell("too late", expires=GameTime(now - 1))
    address.tell("in time", expires=GameTime(now + 1e6))
    gate.set()
    assert threads.notes.wait_for("in time")
    assert threads.notes.all == ["in time"]
    assert [letter.cause for letter in threads.system.dead_letters.letters()] == ["expired"]


def test_expiry_is_judged_when_the_message_is_taken_up(virtual):
    address = virtual.spawn(budget=100)
    address.tell(lambda ctx: Hang(until=ctx.now() + 10))
    virtual.run()
    now = virtual.clock.now
    address.tell("at the very end", expires=GameTime(now + 10))
    address.tell("too late", expires=GameTime(now + 9.9))
    virtual.run(11)
    assert virtual.notes.all == ["at the very end"]
    assert virtual.system.dead_letters.counts == {"expired": 1}


def test_whoever_waits_for_an_expired_message_is_told(virtual):
    future = Future()
    envelope = Envelope("late", 10**6, expires=GameTime(1.0), future=future)
    virtual.system.post(virtual.spawn().path, envelope)
    virtual.run()
    with pytest.raises(AskFailed, match="expired"):
        future.get(0)


# -- redelivery
