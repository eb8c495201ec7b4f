"""Faults on demand reach any actor, whatever messages it knows, and leave nothing behind."""

import threading

import pytest

from fleet.runtime.chaos import KINDS, Misbehave, Poison


def strict(ctx, message):
    """An actor that crashes on what it doesn't know."""
    assert message == "known"
    ctx.reply("well")


def noting(notes):
    def receive(ctx, message):
        notes((message, ctx.incarnation, ctx.now()))

    return receive


def test_an_actor_can_be_made_to_crash_and_goes_on(threads):
    address = threads.spawn("/a", receive=strict)
    address.tell(Misbehave("crash"))
    assert address.ask("known", timeout=30) == "well"
    (crashed,) = threads.events.records("actor.crashed")
    assert (crashed["reason"], crashed["message_type"]) == ("Misbehaviour", "Misbehave")


@pytest.mark.parametrize("kind", ["hang", "spin", "deadlock"])
def test_an_actor_can_be_made_to_hang_and_is_replaced(threads, kind):
    address = threads.spawn("/a", receive=strict, budgets={Misbehave: 0.1})
    address.tell(Misbehave(kind, seconds=1.5))
    assert address.ask("known", timeout=30) == "well"
    assert threads.events.records("actor.hung", message_type="Misbehave", incarnation=1)
    assert threads.events.wait_for("zombie.ended", incarnation=1)


def test_a_deadlocked_actor_stands_where_it_takes_a_lock(threads):
    address = threads.spawn("/a", receive=strict, budget=0.1)
    address.tell(Misbehave("deadlock", seconds=30.0))
    hung = threads.events.wait_for("actor.hung", actor="/a")
    assert "lock.acquire(timeout" in hung["stack"]


def test_a_held_interpreter_lock_stops_every_thread(threads):
    address, clock = threads.spawn("/a", receive=strict, budget=5.0), threads.clock
    began = last = clock.monotonic()
    longest = 0.0
    address.tell(Misbehave("gil", seconds=0.3))
    while longest < 0.25:
        now = clock.monotonic()
        longest, last = max(longest, now - last), now
        assert now < began + 5
    assert address.ask("known", timeout=30) == "well"


def test_a_slow_actor_takes_half_its_budget_before_each_look_and_is_not_replaced(virtual):
    address = virtual.spawn("/a", receive=noting(virtual.notes), budget=2.0)
    began = virtual.clock.now
    address.tell(Misbehave("slow", seconds=3.0))
    address.tell("first")
    virtual.run(0.5)
    address.tell("second")
    virtual.run(5.0)
    address.tell("third")
    virtual.run()
    told = [(message, at - began) for message, _, at in virtual.notes.all]
    assert told == [("first", 1.0), ("second", 2.0), ("third", 5.5)]
    assert virtual.events.records("actor.hung") == []


def test_a_leak_holds_memory_for_its_time_and_no_longer(virtual):
    address = virtual.spawn("/a", receive=strict)
    address.tell(Misbehave("leak", seconds=10.0, size=1_000_000))
    virtual.run(1.0)
    held = [due for _, _, due in virtual.dispatcher._heap if due.call is not None]
    assert len(held) == 1
    virtual.run(10.0)
    assert all(due.call is None for _, _, due in virtual.dispatcher._heap)
    assert virtual.events.records("actor.crashed") == []


def test_poison_crashes_twice_and_ends_among_the_dead_letters(threads):
    address = threads.spawn("/a", receive=strict)
    address.tell(Poison())
    assert address.ask("known", timeout=30) == "well"
    crashed = threads.events.records("actor.crashed", message_type="Poison")
    assert [record["attempt"] for record in crashed] == [1, 2]
    assert threads.system.dead_letters.counts == {"poison": 1}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"poison"}])
def test_the_order_itself_is_no_dead_letter(threads, kind):
    address = threads.spawn("/a", receive=strict, budgets={Misbehave: 0.2})
    address.tell(Misbehave(kind, seconds=0.3, size=1000))
    assert address.ask("known", timeout=30) == "well"
    assert threads.system.dead_letters.counts == {}


@pytest.mark.parametrize("kind", ["hang", "spin", "deadlock", "gil"])
def test_virtual_time_plays_what_takes_long_without_waiting(virtual, kind):
    address = virtual.spawn("/a", receive=noting(virtual.notes), budget=2.0)
    began, threads_before = virtual.clock.now, threading.active_count()
    address.tell(Misbehave(kind, seconds=3600.0))
    address.tell("innocent")
    virtual.run(10.0)
    assert [(m, n, at - began) for m, n, at in virtual.notes.all] == [("innocent", 3, 2.0)]
    assert virtual.events.records("actor.hung", message_type="Misbehave")
    # Those that an earlier test has left may end meanwhile.
    assert threading.active_count() <= threads_before


def test_virtual_time_crashes_and_poisons_alike(virtual):
    address = virtual.spawn("/a", receive=noting(virtual.notes))
    address.tell(Misbehave("crash"))
    address.tell(Poison())
    address.tell("innocent")
    virtual.run(10.0)
    assert [message for message, _, _ in virtual.notes.all] == ["innocent"]
    assert len(virtual.events.records("actor.crashed", reason="Misbehaviour")) == 3
    assert virtual.system.dead_letters.counts == {"poison": 1}
