"""What a running fleet costs the machine: memory and CPU of all its processes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.soak_fleet import SoakFleet

SHIPS = 100
SETTLE = 25.0
"""Wall seconds after the start: imports, first readings and first prices are no steady state."""

STRETCH = 15.0
STRETCHES = 3

LASTS = 900.0
"""Wall seconds after which the fleet ends by itself, should nobody stop it."""

MOST_RSS = 300.0
MOST_CPU = 15.0


def footprint(plan: Plan) -> Iterator[Figure]:
    """Play at speed 1, and look from outside; every process of the run is counted."""
    settle, stretch = (8.0, 8.0) if plan.quick else (SETTLE, STRETCH)
    shares, sizes = [], []
    with SoakFleet(plan.folder, ships=SHIPS, speed=1.0, lasts=LASTS) as fleet:
        fleet.actors(at_least=SHIPS)
        count = len(fleet.processes())
        plan.say(f"{SHIPS} ships play in {count} processes")
        time.sleep(settle)
        for _ in range(1 if plan.quick else STRETCHES):
            began, before = time.monotonic(), fleet.cpu_seconds()
            time.sleep(stretch)
            shares.append((fleet.cpu_seconds() - before) / (time.monotonic() - began) * 100)
            sizes.append(fleet.rss())
        each = fleet.describe()
    where = f"fleet run, late with {SHIPS} ships at speed 1, simulator embedded, {count} processes"
    for name, values, unit, most in (
        ("RSS of all, shared pages counted in each", sizes, "MB", MOST_RSS),
        ("CPU of all", shares, "% of a core", MOST_CPU),
    ):
        yield Figure(
            f"{where}: {name}",
            statistics.median(values),
            unit,
            at_most(most),
            (min(values), max(values)),
            len(values),
        )
    for name, megabytes in each:
        yield Figure(f"{where}: RSS of {name}", megabytes, "MB")
