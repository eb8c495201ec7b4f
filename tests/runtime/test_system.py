"""Lives that begin and end, outside of any supervisor."""

import threading

import pytest

from fleet.runtime import Down, Hang, Props, system
from fleet.runtime.cell import State
from fleet.runtime.mailbox import Fifo


def crash(ctx):
    raise ValueError("as told")


def test_a_path_is_taken_until_its_actor_has_stopped(virtual):
    virtual.spawn("/a")
    with pytest.raises(ValueError, match="/a is taken"):
        virtual.spawn("/a")
    virtual.run()
    virtual.system.stop("/a")
    virtual.run()
    virtual.spawn("/a").tell("second life")
    virtual.run()
    assert virtual.notes.all == ["second life"]


def test_a_second_life_at_a_path_has_numbers_of_its_own(virtual):
    """What the first one left under way must never be taken for the second one's."""
    numbers = []
    for _ in range(3):
        virtual.spawn("/a", on_start=lambda ctx: numbers.append(ctx.incarnation))
        virtual.run()
        virtual.system.abandon("/a")
    assert len(set(numbers)) == 3
    assert numbers == sorted(numbers)


def test_an_address_equals_its_path(virtual):
    system = virtual.system
    assert system.address("/a") == system.address("/a") != system.address("/b")
    assert len({system.address("/a"), system.address("/a")}) == 1
    assert repr(system.address("/a")) == "Address('/a')"


def test_many_threads_spawn_one_path_and_one_succeeds(threads):
    start, outcomes = threading.Barrier(8), []

    def spawn():
        start.wait()
        try:
            threads.spawn("/contested")
            outcomes.append("spawned")
        except ValueError:
            outcomes.append("taken")

    racers = [threading.Thread(target=spawn) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["spawned"] + ["taken"] * 7


def test_a_stop_goes_ahead_of_what_waits_and_that_is_buried(virtual):
    stops = []
    address = virtual.spawn("/a", budget=100, on_stop=lambda ctx, reason: stops.append(reason))
    address.tell(lambda ctx: Hang(until=ctx.now() + 5))
    virtual.run()
    address.tell("waits")
    virtual.system.stop("/a", "enough")
    assert virtual.cell(address).state is State.RUNNING
    virtual.run(5)
    assert stops == ["enough"]
    assert virtual.notes.all == []
    assert virtual.system.dead_letters.counts == {"stopped": 1}
    assert virtual.cell(address).handled == 1


def test_stopping_nobody_is_no_error(virtual):
    virtual.system.stop("/nobody")
    virtual.system.abandon("/nobody")
    virtual.system.retire("/nobody")
    assert virtual.system.restart("/nobody", "x") is False
    assert not virtual.system.has_ended("/nobody")


def test_a_stop_that_crashes_still_stops(virtual):
    virtual.spawn("/a", on_stop=lambda ctx, reason: crash(ctx))
    virtual.run()
    virtual.system.stop("/a")
    virtual.run(100)
    assert virtual.system.has_ended("/a")
    assert len(virtual.events.records("actor.crashed", message_type="Stop")) == 1


def test_abandoning_buries_what_was_in_hand_and_waited_and_fences_the_rest(virtual):
    address = virtual.spawn("/a", budget=1e6)
    address.tell(lambda ctx: Hang(until=ctx.now() + 50))
    virtual.run()
    address.tell("waits")
    virtual.system.abandon("/a")
    assert virtual.system.dead_letters.counts == {"fenced": 1, "stopped": 1}
    assert virtual.system.zombies == 1
    address.tell("later")
    virtual.run(100)
    assert virtual.system.dead_letters.counts == {"fenced": 1, "stopped": 2}
    assert virtual.system.zombies == 0
    assert virtual.cell(address).handled == 0


def test_abandoning_an_idle_actor_ends_its_thread(threads):
    address = threads.spawn("/a")
    address.ask(lambda ctx: ctx.reply(None), timeout=30)
    thread = threads.cell(address).runner.thread
    threads.system.abandon("/a")
    thread.join(30)
    assert not thread.is_alive()
    assert threads.system.zombies == 0


def test_a_retired_idle_actor_hands_its_mailbox_over_whole(threads):
    address = threads.spawn("/a")
    for nth in range(20):
        address.ask(lambda ctx: ctx.reply(None), timeout=30)
        threads.system.retire("/a")
        for number in range(5):
            address.tell((nth, number))
        assert threads.system.restart("/a", "test")
        assert not threads.system.restart("/a", "twice")
    assert threads.notes.wait_for((19, 4))
    assert threads.notes.all == [(nth, number) for nth in range(20) for number in range(5)]
    assert threads.system.dead_letters.counts == {}


def test_closing_the_system_leaves_nobody_and_names_who_was_left(threads):
    threads.spawn("/a")
    threads.spawn("/b")
    threads.system.abandon("/a")
    assert threads.system.close() == ["/b"]
    assert threads.system.close() == []
    assert threads.system.children("") == {}


def test_a_put_that_races_with_the_close_is_buried_and_not_forgotten(virtual):
    class Slow(Fifo):
        """Closes its address between the sender's look and its put."""

        def put(self, envelope):
            virtual.system.abandon("/a")
            return Fifo.put(self, envelope)

    address = virtual.spawn("/a", mailbox=Slow)
    virtual.run()
    address.tell("x")
    assert virtual.system.dead_letters.counts == {"stopped": 1}
    assert len(virtual.cell(address).mailbox) == 0


def test_what_is_sent_while_nobody_lives_there_waits(virtual):
    address = virtual.spawn("/a")
    virtual.run()
    virtual.system.retire("/a")
    address.tell("waits")
    virtual.run(1000)
    assert virtual.notes.all == []
    virtual.system.restart("/a", "test")
    virtual.run()
    assert virtual.notes.all == ["waits"]


def test_restarts_tell_the_reason_and_the_first_start_has_none(virtual):
    virtual.spawn(
        "/a",
        on_start=lambda ctx: virtual.notes("start"),
        on_restart=lambda ctx, reason: virtual.notes(reason),
        budget=5,
    )
    for message in [crash, lambda ctx: Hang(until=ctx.now() + 99)]:
        virtual.system.address("/a").tell(message)
        virtual.run(20)
    assert virtual.notes.all == ["start", "crash", "hung"]


def test_without_on_restart_the_actor_starts_as_always(virtual):
    virtual.spawn("/a", on_start=lambda ctx: virtual.notes(ctx.incarnation))
    virtual.system.address("/a").tell(crash)
    virtual.run(1)
    assert virtual.notes.all == [1, 3]


def test_a_factory_that_fails_is_a_crash_at_start(virtual):
    def fail():
        raise LookupError

    virtual.system.spawn("/a", Props(factory=fail))
    virtual.run()
    assert virtual.events.records("actor.crashed", reason="LookupError", message_type="Starting")
    assert virtual.system.dead_letters.counts == {}


def test_a_crash_event_tells_what_and_where(virtual):
    address = virtual.spawn("/a")
    address.tell(crash)
    virtual.run()
    (record,) = virtual.events.records("actor.crashed")
    assert record["text"] == "/a crashed on function: ValueError: as told"
    assert (record["actor"], record["incarnation"], record["attempt"]) == ("/a", 1, 1)
    assert "in crash" in record["stack"]


def test_a_down_is_overtaken_when_its_address_has_changed(virtual):
    address = virtual.spawn("/parent/a")
    virtual.run()
    virtual.system.retire("/parent/a")
    dead = Down(address, 1, "crash")
    assert virtual.system.is_current(dead)
    assert not virtual.system.is_current(Down(address, 0, "crash"))
    assert not virtual.system.is_current(Down(address, 1, "stopped"))
    virtual.system.restart("/parent/a", "test")
    assert not virtual.system.is_current(dead)
    virtual.system.abandon("/parent/a")
    assert not virtual.system.is_current(dead)
    assert virtual.system.is_current(Down(address, 3, "stopped"))


def test_handled_counts_messages_and_not_starts_stops_or_what_was_dropped(virtual):
    from fleet.protocol.clock import GameTime

    address = virtual.spawn("/a")
    address.tell("one")
    address.tell("expired", expires=GameTime(1.0))
    address.tell(lambda ctx: ctx.stash())
    address.tell("two")
    virtual.run()
    virtual.system.stop("/a")
    virtual.run()
    assert virtual.cell(address).handled == 2
    assert virtual.system.dead_letters.counts == {"expired": 1, "stopped": 1}


def test_blocking_calls_are_ended_later_where_no_thread_can_be_had_now(threads, monkeypatch):
    monkeypatch.setattr(system, "CANCEL_AGAIN", 0.01)
    aside, refused, ended = threads.system.dispatcher.aside, [], threading.Event()

    def short_of_threads(call):
        if not refused:
            refused.append(call)
            raise RuntimeError("can't start new thread")
        aside(call)

    def crash(ctx):
        ctx.on_cancel(ended.set)
        raise ValueError("as told")

    monkeypatch.setattr(threads.system.dispatcher, "aside", short_of_threads)
    threads.spawn().tell(crash)
    assert ended.wait(30)
    assert len(refused) == 1


def test_each_turn_of_a_life_is_told(virtual):
    address = virtual.spawn("/a")
    address.tell(crash)
    virtual.run(1)
    virtual.system.stop("/a")
    virtual.run(1)
    rows = virtual.events.records(actor="/a")
    told = [(row["event"], row.get("incarnation")) for row in rows if "actor." in row["event"]]
    assert told == [
        ("actor.started", 1),
        ("actor.ready", 1),
        ("actor.crashed", 1),
        ("actor.restarted", None),
        ("actor.started", 3),
        ("actor.ready", 3),
        ("actor.stopped", 3),
    ]


def test_one_that_is_cut_off_in_the_middle_is_told_with_the_reason(virtual):
    address = virtual.spawn("/a", receive=lambda ctx, _: Hang(until=ctx.now() + 1))
    address.tell("be busy")
    virtual.run(0.5)
    virtual.system.abandon("/a")
    (cut,) = virtual.events.records("actor.fenced", actor="/a")
    assert (cut["incarnation"], cut["reason"]) == (1, "abandoned")
