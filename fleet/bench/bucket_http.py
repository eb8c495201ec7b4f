"""What the bucket makes of the allowance over HTTP, with threads that wake up late."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.bench.bucket_fleet import Played, PlayedFleet
from fleet.bench.bucket_lanes import lanes
from fleet.bench.bucket_resets import resets
from fleet.bench.bucket_virtual import FEWEST_MINUTES, day, hung, spreads
from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan

HOUR = 3_700.0
"""A game hour, and the time in which the lanes fill up."""

CPU_PER_REQUEST = 1.5
"""Milliseconds."""


def hour(plan: Plan) -> Iterator[Figure]:
    """One game hour at speed 10, which takes six minutes; virtual time is played meanwhile.

    At speed 10 runtime and simulator leave one of two cores idle, and what is played in virtual
    time comes out the same however long it takes.
    """
    seconds = 300.0 if plan.quick else HOUR
    fleet = PlayedFleet(
        plan.folder / "hour", speed=10, game_seconds=seconds, fault="latency:reply=50..250"
    )
    for part in (day, spreads, lanes, hung, resets):
        yield from part(plan)
    played = fleet.wait()
    name = "HTTP, speed 10, late, live limits, reply 50-250 ms, one game hour"
    why = too_few(played, plan)
    yield Figure(f"share, {name}", played.share, "%", at_least(97.0), why=why)
    count = float(played.summary["requests_429"])
    yield Figure(f"answers 429, {name}", count, "", at_most(0), why=why)


def late(plan: Plan) -> Iterator[Figure]:
    """One game hour at speed 60, and what the runtime's process spends on it."""
    seconds = 900.0 if plan.quick else HOUR
    fleet = PlayedFleet(
        plan.folder / "late", speed=60, game_seconds=seconds, fault="latency:reply=50..250"
    )
    played = fleet.wait()
    name = "HTTP, speed 60, late, live limits, reply 50-250 ms"
    why = too_few(played, plan)
    yield Figure(f"share, {name}", played.share, "%", at_least(88.0), why=why)
    yield Figure(f"answers 429, {name}", played.limited, "% of requests", at_most(0.1), why=why)
    cpu = played.cpu_per_request
    yield Figure(
        "CPU of the runtime process per request, late, live limits, speed 60",
        None if cpu is None else 1e3 * cpu,
        "ms",
        at_most(CPU_PER_REQUEST),
        why=why if cpu is not None else "the runtime's CPU time could not be read",
    )


def too_few(played: Played, plan: Plan) -> str:
    """Say so where too few minutes were saturated for the figure to mean anything."""
    needed = 2 if plan.quick else FEWEST_MINUTES
    return "" if played.minutes >= needed else f"only {played.minutes} saturated game minutes"
