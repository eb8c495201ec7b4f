"""Virtual time: the same seed gives the same run, and the kernel's own code does the fencing."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.protocol.clock import GameTime
from fleet.runtime import Fifo, Hang

SHIPS = 100


def crash(ctx):
    raise ValueError("as told")


class Port:
    """Ships that ask a hub again and again, some of which crash or hang; writes a trace."""

    def __init__(self, stage, ships=5, period=60.0):
        self.stage = stage
        self.period = period
        self.trace = []
        stage.spawn("/hub", receive=self.hub)
        for number in range(ships):
            stage.spawn(f"/ship-{number}", on_start=self.sail, receive=self.ship, budget=3.0)

    def note(self, ctx, what):
        self.trace.append((round(ctx.now(), 6), ctx.self.path, ctx.incarnation, what))

    def hub(self, ctx, message):
        self.note(ctx, message)
        if ctx.sender is not None:
            ctx.tell(ctx.sender, "answer")

    def sail(self, ctx):
        ctx.timer("sail", "sail", after=ctx.random.uniform(1, self.period))

    def ship(self, ctx, message):
        self.note(ctx, message)
        if message == "answer":
            return None
        self.sail(ctx)
        ctx.tell(ctx.address("/hub"), "ask")
        luck = ctx.random.random()
        if luck < 0.05:
            raise SystemExit
        return Hang(until=ctx.now() + ctx.random.uniform(0, 6)) if luck < 0.15 else None


def trace(stages, seed, shuffle=None):
    stage = stages(seed=seed, shuffle=None if shuffle is None else random.Random(shuffle))
    port = Port(stage)
    stage.run(2000)
    return port.trace


@pytest.mark.parametrize("shuffle", [None, 3])
def test_the_same_seed_gives_the_same_run(stages, shuffle):
    first = trace(stages, 1, shuffle)
    assert len(first) > 500
    assert any(incarnation > 1 for _, _, incarnation, _ in first), "some were replaced"
    assert trace(stages, 1, shuffle) == first
    assert trace(stages, 2, shuffle) != first


def test_another_shuffle_is_another_order_of_the_same_moments(stages):
    """All are ready at once; who comes first is the schedule's choice alone."""

    def order(shuffle):
        stage = stages(shuffle=None if shuffle is None else random.Random(shuffle))
        addresses = [stage.spawn(f"/{n}") for n in range(8)]
        stage.run()
        for nth in range(3):
            for address in addresses:
                address.tell((address.path, nth))
        stage.run()
        return stage.notes.all

    assert order(None) == [(f"/{n}", nth) for nth in range(3) for n in range(8)], "in turns"
    shuffled = {seed: order(seed) for seed in range(5)}
    assert len({tuple(each) for each in shuffled.values()}) == 5
    for each in shuffled.values():
        assert sorted(each) == sorted(order(None))
        for path in {path for path, _ in each}:
            mine = [nth for p, nth in each if p == path]
            assert mine == [0, 1, 2], "never within a mailbox"


SCRIPT = """
import sys
from fleet.runtime import Actor, ActorSystem, NullEvents, Props, VirtualClock, VirtualDispatcher

class Watcher(Actor):
    def receive(self, ctx, message):
        if message == "watch":
            ctx.monitor(ctx.address("/dying"))
        else:
            print(ctx.self.path)

class Dying(Actor):
    def receive(self, ctx, message):
        raise SystemExit

clock = VirtualClock()
dispatcher = VirtualDispatcher(clock)
system = ActorSystem(dispatcher=dispatcher, clock=clock, events=NullEvents())
dispatcher.bind(system)
for n in range(20):
    system.spawn(f"/w{n}", Props(factory=Watcher))
system.spawn("/dying", Props(factory=Dying))
for n in range(20):
    system.address(f"/w{n}").tell("watch")
dispatcher.run_for(1)
system.address("/dying").tell("die")
dispatcher.run_for(1)
"""


def test_the_run_does_not_depend_on_the_processes_hash_seed():
    def run(seed):
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        return subprocess.run(
            [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True
        ).stdout

    first = run("1")
    assert first.count("\n") == 20
    assert run("2") == first


# -- time


def test_time_stands_where_it_was_told_to(virtual):
    start = virtual.clock.now
    virtual.dispatcher.run_until(start + 10)
    assert virtual.clock.now == start + 10
    virtual.dispatcher.run_until(start + 5)
    assert virtual.clock.now == start + 10, "it never goes back"


def test_calls_come_in_the_order_of_their_times_and_of_their_making(virtual):
    start, calls = virtual.clock.now, []
    virtual.dispatcher.after(2, lambda: calls.append("after 2"))
    virtual.dispatcher.at(GameTime(start + 1), lambda: calls.append("at 1"))
    virtual.dispatcher.after(2, lambda: calls.append("after 2, later"))
    virtual.dispatcher.after(-5, lambda: calls.append("past"))
    virtual.dispatcher.after(1.5, lambda: calls.append("cancelled"))()
    virtual.run(1.9)
    assert calls == ["past", "at 1"]
    virtual.run(0.1)
    assert calls[2:] == ["after 2", "after 2, later"]


def test_running_while_a_condition_holds_says_whether_it_ended(virtual):
    address = virtual.spawn()
    address.tell(lambda ctx: ctx.timer("t", "x", after=5))
    start = virtual.clock.now
    wait = virtual.dispatcher.run_while
    assert not wait(lambda: not virtual.notes.all, limit=4)
    assert wait(lambda: not virtual.notes.all, limit=4)
    assert virtual.clock.now == start + 5
    assert wait(lambda: False, limit=0)


def test_steps_count_messages(virtual):
    address = virtual.spawn()
    for number in range(7):
        address.tell(number)
    virtual.run()
    assert virtual.dispatcher.steps == 7


# -- hangs


def hang(seconds):
    return lambda ctx: Hang(until=ctx.now() + seconds)


@pytest.mark.parametrize("start", [0.0, 1_782_000_000.0, 1_782_000_000.1234567, 4e9 + 1 / 3])
@pytest.mark.parametrize("budget", [0.1, 5.0, 7.3])
def test_a_hang_beyond_the_budget_is_fenced_at_the_budget(stages, start, budget):
    stage = stages(start=start)
    address = stage.spawn("/a", budget=budget)
    address.tell(hang(1e6))
    address.tell("next")
    stage.run(budget * 0.99)
    assert stage.cell(address).number == 1
    stage.run(budget * 0.02)
    assert stage.notes.all == ["next"]
    (event,) = stage.events.records("actor.hung")
    assert event["stack"] == "(virtual time)"
    assert abs(event["over_budget_ms"]) < 1


def test_a_hang_within_the_budget_is_only_a_delay(virtual):
    address = virtual.spawn("/a", budget=5)
    address.tell(hang(4.9))
    address.tell("next")
    virtual.run(4.8)
    assert virtual.notes.all == []
    virtual.run(0.2)
    assert virtual.notes.all == ["next"]
    assert virtual.cell(address).number == 1


def test_a_hang_at_the_start_is_fenced_too(virtual):
    starts = []

    def on_start(ctx):
        starts.append(ctx.now())
        return Hang(until=ctx.now() + 100) if len(starts) == 1 else None

    address = virtual.spawn(on_start=on_start, start_budget=3)
    address.tell("after all")
    virtual.run(10)
    assert virtual.notes.all == ["after all"]
    assert starts[1] - starts[0] == 3


def test_a_zombie_that_wakes_up_late_changes_nothing(virtual):
    address = virtual.spawn("/a", budget=5)
    address.tell(hang(20))
    virtual.run(6)
    address.tell(hang(4))
    virtual.run(1)
    assert virtual.system.zombies == 1
    # The zombie wakes in the middle of its successor's next message but one.
    address.tell(hang(4.5))
    address.tell(hang(4.5))
    address.tell("in order")
    virtual.run(14)
    assert virtual.system.zombies == 0
    assert virtual.events.records("zombie.ended", incarnation=1)
    virtual.run(10)
    assert virtual.notes.all == ["in order"]
    assert virtual.cell(address).number == 3
    assert virtual.cell(address).handled == 4


def test_a_zombie_that_sleeps_for_ever_holds_nobody_up(virtual):
    address = virtual.spawn("/a", budget=5)
    address.tell(lambda ctx: Hang(until=GameTime(float("inf"))))
    address.tell("next")
    virtual.run(1e6)
    assert virtual.notes.all == ["next"]
    assert virtual.system.zombies == 1


def test_what_a_handler_returns_by_accident_is_no_hang(virtual):
    address = virtual.spawn("/a")
    for value in [0, "x", object()]:
        address.tell(lambda ctx, value=value: value)
    address.tell("next")
    virtual.run()
    assert virtual.notes.all == ["next"]


def test_a_second_life_at_a_path_is_woken_like_the_first(virtual):
    virtual.spawn("/a")
    virtual.run()
    for nth in range(3):
        virtual.system.address("/a").tell("lost")
        virtual.system.abandon("/a")
        virtual.spawn("/a").tell(nth)
        virtual.run()
    assert virtual.notes.all == [0, 1, 2]


@pytest.mark.parametrize("hours", [3, pytest.param(24, marks=pytest.mark.long)])
def test_a_hundred_ships_live_through_a_virtual_day(virtual, hours):
    """A sanity check of the size of it, without a stopwatch."""
    lasts = hours * 3600.0
    period = 900.0
    port = Port(virtual, ships=SHIPS, period=period)
    port.note = lambda ctx, what: None
    virtual.run(lasts)
    virtual.run(10)  # whoever died in the last moment lives again
    cells = [cell for cell in virtual.system.cells() if cell.address.path.startswith("/ship")]
    assert len(cells) == SHIPS
    assert all(cell.state.value == "running" for cell in cells)
    assert virtual.dispatcher.steps > SHIPS * lasts / (period / 2) * 2
    assert virtual.system.zombies <= SHIPS
    assert sum(cell.restarts for cell in cells) > SHIPS
    assert all(isinstance(cell.mailbox, Fifo) and not len(cell.mailbox) for cell in cells)
