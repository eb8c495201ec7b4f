"""What the watch over resources takes from the actors."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from fleet.bench.figure import Figure, at_most
from fleet.bench.kernel_stage import kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import NullEvents
from fleet.supervision.resources.gauge import ProcessGauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.watch import ResourceWatch

ACTORS = 115
"""A fleet of a hundred ships."""

MOST = 2.0


def sampler(plan: Plan) -> Iterator[Figure]:
    """Time passes over a system, and take them for a part of the period between two.

    While a pass runs, nobody else has the interpreter: that part is the most that the message
    rate can lose.
    """
    passes, limits = 20 if plan.quick else 200, ResourceLimits()
    with kernel_stage() as stage:
        stage.idle(ACTORS)
        watch = ResourceWatch(
            stage.system,
            NullEvents(),
            ProcessGauge(stage.system.clock),
            task="bench",
            limits=limits,
            shed=lambda _: None,
        )
        shares = []
        for _ in range(passes):
            began = time.perf_counter()
            watch.look()
            shares.append((time.perf_counter() - began) / limits.period * 100)
    yield Figure(
        f"passes of the resource sampler over {ACTORS} actors, one each {limits.period:g} s",
        statistics.median(shares),
        "% of the message rate",
        at_most(MOST),
        (min(shares), max(shares)),
        passes,
    )
