"""Timers: when they come, what replaces them, and what they leave behind."""

import pytest

from fleet.protocol.clock import GameTime
from fleet.runtime import (
    Bounded,
    Hang,
)

from .deeds import crash


def ticking(key="t", message="tick", **when):
    return lambda ctx: ctx.timer(key, message, **when)


def test_timers_come_after_wall_seconds_or_at_a_game_time(virtual):
    address = virtual.spawn(
        receive=lambda ctx, m: m(ctx) if callable(m) else virtual.notes((m, ctx.now()))
    )
    start = virtual.clock.now
    address.tell(ticking("a", "after", after=5))
    address.tell(ticking("b", "at", at=GameTime(start + 3)))
    address.tell(ticking("c", "past", at=GameTime(start - 100)))
    virtual.run(10)
    assert virtual.notes.all == [("past", start), ("at", start + 3), ("after", start + 5)]


@pytest.mark.parametrize("when", [{}, {"after": 1, "at": GameTime(1)}])
def test_a_timer_takes_one_of_two_times(virtual, when):
    virtual.spawn().tell(ticking(**when))
    virtual.run()
    assert virtual.events.records("actor.crashed", reason="ValueError")


def test_the_same_key_replaces_and_other_keys_live_on(virtual):
    address = virtual.spawn()
    address.tell(ticking("a", "first", after=1))
    address.tell(ticking("b", "other", after=2))
    address.tell(ticking("a", "second", after=3))
    virtual.run(10)
    assert virtual.notes.all == ["other", "second"]


def test_a_cancelled_timer_never_comes(virtual):
    address = virtual.spawn()
    address.tell(ticking(after=1))
    address.tell(lambda ctx: ctx.cancel("t"))
    address.tell(lambda ctx: ctx.cancel("unknown"))
    virtual.run(10)
    assert virtual.notes.all == []


@pytest.mark.parametrize("replace", [True, False])
def test_a_timer_replaced_or_cancelled_while_its_message_is_queued_does_not_count(virtual, replace):
    address = virtual.spawn(budget=100)
    address.tell(ticking("t", "old", after=1))
    address.tell(lambda ctx: Hang(until=ctx.now() + 2))
    virtual.run(0)
    deed = ticking("t", "new", after=5) if replace else lambda ctx: ctx.cancel("t")
    # Handled before "old", which is put into the mailbox one second from now.
    address.tell(deed)
    virtual.run(1.5)
    assert len(virtual.cell(address).mailbox) == 2
    virtual.run(20)
    assert virtual.notes.all == (["new"] if replace else [])


@pytest.mark.parametrize("queued", [True, False])
def test_timers_die_with_their_incarnation_even_when_queued(virtual, queued):
    address = virtual.spawn(budget=100)
    address.tell(ticking(after=1))
    if queued:
        address.tell(lambda ctx: Hang(until=ctx.now() + 2))
        virtual.run(0)
    address.tell(crash)
    virtual.run(10)
    address.tell("alive")
    virtual.run(10)
    assert virtual.notes.all == ["alive"]
    assert virtual.cell(address).timers == {}


def test_timers_of_the_dead_fill_no_mailbox(virtual):
    address = virtual.spawn()
    address.tell(ticking(after=1))
    virtual.run()
    virtual.system.retire(address.path)
    virtual.run(10)
    assert len(virtual.cell(address).mailbox) == 0


def test_a_closed_address_keeps_no_timers(virtual):
    address = virtual.spawn()
    address.tell(ticking(after=1e9))
    virtual.run()
    virtual.system.stop(address.path)
    virtual.run()
    assert virtual.cell(address).timers == {}


def test_a_timer_that_rang_leaves_nothing_behind(virtual):
    address = virtual.spawn()
    for number in range(50):
        address.tell(ticking(f"key {number}", number, after=number))
    virtual.run(100)
    assert virtual.notes.all == list(range(50))
    assert virtual.cell(address).timers == {}


def test_a_timer_may_arm_itself_again_under_its_own_key(virtual):
    def receive(ctx, message):
        virtual.notes(ctx.now())
        ctx.timer("t", "tick", after=10)

    virtual.spawn(on_start=ticking(after=10), receive=receive)
    start = virtual.clock.now
    virtual.run(35)
    assert virtual.notes.all == [start + 10, start + 20, start + 30]


def test_a_timer_gets_through_to_a_full_mailbox(virtual):
    """A tick that is refused once would never come again."""
    address = virtual.spawn(mailbox=lambda: Bounded(1), budget=100)
    address.tell(ticking(after=1))
    virtual.run()
    address.tell(lambda ctx: Hang(until=ctx.now() + 5))
    virtual.run()
    address.tell("fills it")
    virtual.run(10)
    assert virtual.notes.all == ["fills it", "tick"]


def test_a_timers_message_may_be_stashed(virtual):
    def receive(ctx, message):
        if callable(message):
            return message(ctx)
        virtual.notes(message)
        return ctx.stash() if len(virtual.notes) == 1 else None

    address = virtual.spawn(receive=receive)
    address.tell(ticking(after=1))
    virtual.run(2)
    address.tell(lambda ctx: ctx.unstash())
    virtual.run()
    assert virtual.notes.all == ["tick", "tick"]


# -- stash
