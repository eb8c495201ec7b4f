"""A game day in virtual time: how long it takes, and what it would take at least."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan
from fleet.bench.virtual_floor import kernel_floor, simulator_floor
from fleet.bench.virtual_run import Timed, timed

DAY = 86_400.0
FEWEST = 205_000
WIRED = "live limits, wired as fleet run, SQLite, one core"


def day(plan: Plan) -> Iterator[Figure]:
    """Play the first scenario for a day, with the share of each room."""
    seconds = 900.0 if plan.quick else DAY
    plan.say(f"{seconds / 3600:g} game hours of late")
    run = timed("late", seconds, look=True)
    name = f"{seconds / 3600:g} game hours, late, {WIRED}"
    short = "" if run.counted >= FEWEST * seconds / DAY else f"only {run.counted} counted requests"
    yield Figure(f"time for {name}", run.wall, "s", at_most(45 * seconds / DAY), why=short)
    yield Figure(f"counted requests, {name}", run.counted, "", at_least(FEWEST * seconds / DAY))
    yield Figure(f"times real time, {name}", seconds / run.wall, "x", at_least(1_900))
    yield Figure(f"processor time per request, {name}", run.each, "ms")
    yield Figure(f"messages per request, {name}", run.messages / run.counted, "")
    for room, share in run.rooms.items():
        yield Figure(f"share of {room}, {name}", share, "% of processor time")
    yield from _floor(run)


def _floor(run: Timed) -> Iterator[Figure]:
    """What the parts that nobody can leave out would take for a day, each by itself."""
    world, kernel = simulator_floor(), kernel_floor()
    messages = run.messages / run.counted
    least = (world + messages * kernel) * FEWEST / 1e6
    yield Figure("the simulator alone, per request, JSON on both sides", world, "us")
    yield Figure("the kernel alone in virtual time, per message to an actor", kernel, "us")
    name = "a day if actors and database took nothing: simulator and kernel alone, late"
    yield Figure(f"{name}, {messages:.1f} messages per request", least, "s", bound=True)


def json(plan: Plan) -> Iterator[Figure]:
    """Play with and without checks of each body, in turns."""
    seconds, rounds = (300.0, 1) if plan.quick else (3_600.0, 3)
    plain: list[Timed] = []
    held: list[Timed] = []
    for _ in range(rounds):
        plan.say(f"{seconds / 3600:g} game hours of late, with and without checks")
        plain.append(timed("late", seconds))
        held.append(timed("late", seconds, check=True))
    name = f"late, every body through JSON and endpoint checks, {WIRED}"
    days = [run.wall * DAY / seconds for run in held]
    yield Figure(
        f"time for a game day, reckoned from {seconds / 3600:g} h, {name}",
        statistics.median(days),
        "s",
        at_most(70),
        (min(days), max(days)),
        rounds,
        "the same without checks",
        statistics.median(a.cpu / b.cpu for a, b in zip(held, plain, strict=True)),
    )
    digests = {run.digest for run in plain + held}
    yield Figure(f"digests of all runs, {name}", len(digests), "", at_most(1), runs=2 * rounds)


def armada(plan: Plan) -> Iterator[Figure]:
    """Play a thousand ships beside a hundred, in turns."""
    seconds, rounds = (300.0, 1) if plan.quick else (3_600.0, 3)
    few: list[float] = []
    many: list[float] = []
    for _ in range(rounds):
        plan.say(f"{seconds / 3600:g} game hours of late and of armada")
        few.append(timed("late", seconds).cpu)
        many.append(timed("armada", seconds).cpu)
    days = [cpu * DAY / seconds for cpu in many]
    yield Figure(
        f"processor time for a game day, reckoned from {seconds / 3600:g} h, armada, {WIRED}",
        statistics.median(days),
        "s",
        at_most(2.0, of="ratio"),
        (min(days), max(days)),
        rounds,
        "late",
        statistics.median(a / b for a, b in zip(many, few, strict=True)),
    )
