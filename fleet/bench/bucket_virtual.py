"""What the bucket makes of the allowance in virtual time, where nothing but the ways is shaky."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.bench.bucket_paces import best_pace
from fleet.bench.bucket_stage import Stage, evenly
from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan
from fleet.protocol.api import Lane

BACK = evenly(50, 250)
SHIPS = 40
FEWEST_MINUTES = 50
SPREADS = ((10, 98.5), (50, 95.5), (100, 93.0), (200, 88.5))
"""Game milliseconds, and the share to be reached."""


def any_lane(number: int) -> Lane:
    """Spread the ships over all lanes."""
    return Lane(number % len(Lane))


def trades(_: int) -> Lane:
    """Have all ships wait in one lane, so that each comes to its turn soon."""
    return Lane.TRADE


def too_few(stage: Stage, quick: bool) -> str:
    """Say so where too few minutes were saturated for the figure to mean anything."""
    minutes = len(stage.tally.minutes)
    needed = 5 if quick else FEWEST_MINUTES
    return "" if minutes >= needed else f"only {minutes} saturated game minutes"


def day(plan: Plan) -> Iterator[Figure]:
    """One game day with the request leg at 0."""
    hours = 0.5 if plan.quick else 24.0
    stage = Stage(back=BACK)
    stage.keep_busy(SHIPS, any_lane)
    stage.count_from(0.0)
    for passed in stage.run(hours * 3600):
        plan.say(f"{passed / 3600:.0f} of {hours:.0f} game hours")
    why, name = too_few(stage, plan.quick), "virtual time, late, live limits, reply 50-250 ms"
    yield Figure(f"share, {name}, {hours:g} h", stage.tally.share, "%", at_least(99.5), why=why)
    limited = float(sum(stage.tally.limited.values()))
    yield Figure(f"answers 429, {name}, {hours:g} h", limited, "", at_most(0), why=why)
    stage.close()


def spreads(plan: Plan) -> Iterator[Figure]:
    """Request legs of several spreads, beside the best open-loop pacing on the same ways."""
    seconds = 700.0 if plan.quick else 3800.0
    for spread, reach in SPREADS:
        plan.say(f"request leg 0-{spread} ms")
        there = evenly(0, spread)
        paced = best_pace(there, spread / 1000, seconds, seed=1)
        stage = Stage(there=there, back=BACK, phase=0.37)
        stage.keep_busy(SHIPS, any_lane)
        stage.count_from(60.0)
        for _ in stage.run(seconds):
            pass
        name = f"request leg 0-{spread} ms, virtual time, late, live limits"
        why, mine = too_few(stage, plan.quick), stage.tally.share
        yield Figure(f"share, {name}", mine, "%", at_least(reach), why=why)
        yield Figure(
            f"share by open-loop pacing, {name}",
            mine,
            "%",
            at_least(1.0, of="ratio"),
            paired_with=f"best open-loop pacing: {paced:.2f} %",
            ratio=mine / paced,
            why=why,
        )
        yield Figure(
            f"answers 429 after the first minute, {name}",
            float(stage.tally.refused),
            "",
            at_most(0),
            why=why,
        )
        stage.close()


def hung(plan: Plan) -> Iterator[Figure]:
    """One worker hangs for a minute, as at a half-open socket, at speed 1."""
    seconds = 500.0 if plan.quick else 3700.0
    stage = Stage(there=evenly(20, 40), back=BACK)
    stage.keep_busy(SHIPS, trades)
    stage.count_from(60.0)
    list(stage.run(150.0))
    stage.hang = 60.0
    hit = int(stage.clock.now // 60)
    list(stage.run(seconds - 150.0))
    served = [stage.tally.served[minute] for minute in (hit, hit + 1)]
    why = too_few(stage, plan.quick) or ("" if stage.hang is None else "no worker hung")
    name = "one worker hung for 60 s, speed 1, virtual time, live limits"
    yield Figure(f"share, {name}", stage.tally.share, "%", at_least(95.0), why=why)
    worst = 100.0 * sum(served) / 300
    yield Figure(f"share of the two minutes of the hang, {name}", worst, "%", at_least(95.0))
    now = stage.clock.now
    stuck = sum(now - stage.heard.get(ship, 0.0) > 120.0 for ship in stage.ships[:SHIPS])
    yield Figure(f"ships without an answer for 120 s, {name}", float(stuck), "", at_most(0))
    stage.close()
