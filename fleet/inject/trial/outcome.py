"""Compares the arms of a trial by what their ships took in."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from fleet.inject.trial.estimate import LEAST_PAIRS, Estimate, paired, welch
from fleet.inject.trial.forecast import Slices, pairs_needed, turns_needed
from fleet.inject.trial.plan import Plan
from fleet.inject.trial.split import Arm
from fleet.inject.trial.takings import Taking

Measure = Callable[[Sequence[Taking]], float | None]
"""A figure of some takings; None where there is none."""


class ArmSum(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm came to in all its turns."""

    arm: Arm
    ships: int
    hours: float
    """Game hours of all its ships that count."""

    credits: float
    requests: int
    per_hour: float | None
    """Credits per game hour and ship."""

    per_request: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure of both arms."""

    estimate: Estimate | None
    needed: int | None
    """Turns that decide it, those already played included; None if no number is in sight."""


def per_hour(takings: Sequence[Taking]) -> float | None:
    """Credits per ship and game hour."""
    hours = math.fsum(one.hours for one in takings)
    return math.fsum(one.credits for one in takings) / hours if hours else None


def per_request(takings: Sequence[Taking]) -> float | None:
    """Credits per request."""
    requests = sum(one.requests for one in takings)
    return math.fsum(one.credits for one in takings) / requests if requests else None


def arm_sum(arm: Arm, takings: Sequence[Taking]) -> ArmSum:
    """Add an arm up."""
    mine = [one for one in takings if one.arm == arm]
    return ArmSum(
        arm=arm,
        ships=len({one.ship for one in mine}),
        hours=round(math.fsum(one.hours for one in mine), 3),
        credits=round(math.fsum(one.credits for one in mine), 1),
        requests=sum(one.requests for one in mine),
        per_hour=per_hour(mine),
        per_request=per_request(mine),
    )


def finding(plan: Plan, takings: Sequence[Taking], measure: Measure) -> Finding:
    """Estimate a figure's difference by the trial's design, and when that will do."""
    if plan.design == "switchback":
        return _in_turn(takings, measure)
    return _side_by_side(takings, measure)


def _in_turn(takings: Sequence[Taking], measure: Measure) -> Finding:
    turns: dict[int, list[Taking]] = defaultdict(list)
    for one in takings:
        turns[one.turn.number].append(one)
    pairs = []
    for number in sorted(turns):
        if number % 2 or number + 1 not in turns:
            continue
        both = {turns[each][0].arm: measure(turns[each]) for each in (number, number + 1)}
        a, b = both["A"], both["B"]
        if a is not None and b is not None:
            pairs.append((a, b))
    estimate = paired(pairs)
    if len(pairs) < LEAST_PAIRS:
        return Finding(estimate=estimate, needed=2 * LEAST_PAIRS)
    needed = pairs_needed([b - a for a, b in pairs])
    return Finding(estimate=estimate, needed=None if needed is None else 2 * needed)


def _side_by_side(takings: Sequence[Taking], measure: Measure) -> Finding:
    """Take each unit's figure over all turns; that of each turn tells how it varies."""
    units: dict[tuple[str, str, Arm], list[Taking]] = defaultdict(list)
    for one in takings:
        units[one.stratum, one.unit, one.arm].append(one)
    totals: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    slices: dict[str, tuple[list[list[float]], list[list[float]]]] = defaultdict(lambda: ([], []))
    for (stratum, _, arm), rows in sorted(units.items(), key=lambda item: item[0]):
        total = measure(rows)
        if total is not None:
            totals[stratum][arm == "B"].append(total)
            slices[stratum][arm == "B"].append(_by_turn(rows, measure))
    estimate = welch(totals)
    needed = turns_needed(_even(slices), estimate.difference) if estimate is not None else 1
    return Finding(estimate=estimate, needed=needed)


def _by_turn(rows: Sequence[Taking], measure: Measure) -> list[float]:
    turns: dict[int, list[Taking]] = defaultdict(list)
    for one in rows:
        turns[one.turn.number].append(one)
    values = [measure(turns[number]) for number in sorted(turns)]
    return [value for value in values if value is not None]


def _even(
    slices: dict[str, tuple[list[list[float]], list[list[float]]]],
) -> dict[str, tuple[Slices, Slices]]:
    """Cut all rows to the shortest one, and leave those out that are too short to vary."""
    rows = [row for arms in slices.values() for arm in arms for row in arm if len(row) > 1]
    least = min(map(len, rows), default=0)
    return {
        stratum: (
            [row[:least] for row in a if len(row) > 1],
            [row[:least] for row in b if len(row) > 1],
        )
        for stratum, (a, b) in slices.items()
    }


def requests_per_minute(takings: Sequence[Taking], arm: Arm) -> float:
    """Tell how many requests an arm sent in a game minute of its turns, at the median."""
    turns: dict[int, list[Taking]] = defaultdict(list)
    for one in takings:
        if one.arm == arm:
            turns[one.turn.number].append(one)
    rates = [sum(one.requests for one in rows) / (rows[0].hours * 60) for rows in turns.values()]
    return statistics.median(rates) if rates else 0.0
