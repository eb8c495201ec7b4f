"""How long each lane waits when twice as much is asked as the server allows."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from fleet.bench.bucket_stage import BUCKET, Stage, evenly
from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan
from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.runtime import Actor, Context

DEMAND = 5.0
"""Requests per game second: twice the 2.5 that the allowance comes to."""

MIX = (Lane.ACTION, Lane.TRADE, Lane.MARKET, Lane.BACKGROUND)
"""Each lane is asked for by as many ships."""

ABOUT_SAFETY = 0.02
"""Share of the requests that read back."""


class Tick:
    """A ship's next request is due."""


class Steady(Actor[Any]):
    """A ship that asks at random moments, whatever has been answered."""

    def __init__(self, ship: str, lane: Lane, rate: float, stage: Stage) -> None:
        self._ship, self._lane, self._rate, self._stage = ship, lane, rate, stage
        self._numbers = itertools.count()

    def on_start(self, ctx: Context[Any]) -> None:
        """Wait for the first moment."""
        self._wait(ctx)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Ask for one more; answers need no answer."""
        if isinstance(message, Tick):
            number = next(self._numbers)
            lane = Lane.SAFETY if ctx.random.random() < ABOUT_SAFETY else self._lane
            ctx.tell(
                ctx.address(BUCKET),
                ApiRequest(
                    number=number,
                    operation="get-ship-nav",
                    lane=lane,
                    params={"shipSymbol": self._ship},
                    # A read that waits with its twin would be answered with it.
                    query=(("n", str(number)),),
                    ship=self._ship,
                ),
            )
            self._wait(ctx)

    def _wait(self, ctx: Context[Any]) -> None:
        ctx.timer("tick", Tick(), after=ctx.random.expovariate(self._rate))


def lanes(plan: Plan) -> Iterator[Figure]:
    """Waits of the lanes over an hour at twice what can be sent."""
    seconds = 600.0 if plan.quick else 3700.0
    stage = Stage(there=evenly(0, 50), back=evenly(50, 250), bound=100_000)
    for number, ship in enumerate(stage.ships):
        lane, rate = MIX[number % len(MIX)], DEMAND / len(stage.ships)
        stage.spawn(ship, partial(Steady, ship, lane, rate, stage))
    list(stage.run(seconds))
    waits: dict[Lane, list[float]] = defaultdict(list)
    sent: dict[Lane, list[GameTime]] = defaultdict(list)
    for each in stage.sent:
        waits[each.lane].append(each.at - each.queued_at)
        sent[each.lane].append(each.at)
    name = "2x demand, virtual time, live limits, request leg 0-50 ms"
    action = sorted(waits[Lane.ACTION])
    yield Figure(
        f"wait of lane 1, p95, {name}", action[int(0.95 * len(action))], "game s", at_most(1.5)
    )
    gaps = [late - early for early, late in itertools.pairwise(sorted(sent[Lane.BACKGROUND]))]
    yield Figure(f"longest gap of lane 4, {name}", max(gaps), "game s", at_most(60.0))
    asked = stage.status.queued + len(stage.sent)
    yield Figure(f"demand, {name}", asked / seconds / 2.5, "of the allowance", at_least(1.9))
    for lane in (Lane.SAFETY, Lane.TRADE, Lane.MARKET):
        ordered = sorted(waits[lane]) or [0.0]
        median = ordered[len(ordered) // 2]
        yield Figure(f"wait of lane {int(lane)}, p50, {name}", median, "game s")
    stage.close()
