"""Compares the arms of a trial by what their ships took in."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import msgspec

from fleet.inject.trial.estimate import LEAST_PAIRS, Estimate, paired, welch
from fleet.inject.trial.forecast import Slices, pairs_needed, turns_needed
from fleet.inject.trial.plan import Plan
from fleet.inject.trial.split import Arm
from fleet.inject.trial.takings import Taking

Measure = Callable[[Sequence[Taking]], "Cell"]
"""What some takings have come to, and for how much of what."""


class Cell(NamedTuple):
    """Credits, and the hours or requests that they took."""

    credits: float
    of: float


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


def per_hour(takings: Sequence[Taking]) -> Cell:
    """Credits per ship and game hour."""
    return Cell(_credits(takings), math.fsum(one.hours for one in takings))


def per_request(takings: Sequence[Taking]) -> Cell:
    """Credits per request."""
    return Cell(_credits(takings), float(sum(one.requests for one in takings)))


def _credits(takings: Sequence[Taking]) -> float:
    return math.fsum(one.credits for one in takings)


def ratio(cells: Sequence[Cell]) -> float | None:
    """Tell the credits per hour or request of all together; None where there was none."""
    of = math.fsum(cell.of for cell in cells)
    return math.fsum(cell.credits for cell in cells) / of if of else None


def shares(cells: Sequence[Cell]) -> list[float]:
    """Give each cell a value such that their mean is the ratio of all together.

    A mean of each cell's own ratio would weigh a turn with two requests like one with two hundred,
    and could say nothing of a turn with none. These values have the ratio's variance to the first
    order (delta method; Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics,
    2018); where all cells have the same hours they are just their ratios.
    """
    whole = ratio(cells)
    if whole is None:
        return []
    usual = math.fsum(cell.of for cell in cells) / len(cells)
    return [whole + (cell.credits - whole * cell.of) / usual for cell in cells]


def arm_sum(arm: Arm, takings: Sequence[Taking]) -> ArmSum:
    """Add an arm up."""
    mine = [one for one in takings if one.arm == arm]
    return ArmSum(
        arm=arm,
        ships=len({one.ship for one in mine}),
        hours=round(math.fsum(one.hours for one in mine), 3),
        credits=round(math.fsum(one.credits for one in mine), 1),
        requests=sum(one.requests for one in mine),
        per_hour=ratio([per_hour(mine)]),
        per_request=ratio([per_request(mine)]),
    )


def finding(plan: Plan, takings: Sequence[Taking], measure: Measure) -> Finding:
    """Estimate a figure's difference by the trial's design, and when that will do."""
    if plan.design == "switchback":
        return _in_turn(takings, measure)
    return _side_by_side(takings, measure)


def _in_turn(takings: Sequence[Taking], measure: Measure) -> Finding:
    turns = _by_turn(takings)
    both: dict[Arm, list[Cell]] = {"A": [], "B": []}
    for number in sorted(turns):
        if number % 2 == 0 and number + 1 in turns:
            for each in (turns[number], turns[number + 1]):
                both[each[0].arm].append(measure(each))
    pairs = list(zip(shares(both["A"]), shares(both["B"]), strict=False))
    estimate = paired(pairs)
    if len(pairs) < LEAST_PAIRS:
        return Finding(estimate=estimate, needed=2 * LEAST_PAIRS)
    needed = pairs_needed([b - a for a, b in pairs])
    return Finding(estimate=estimate, needed=None if needed is None else 2 * needed)


def _side_by_side(takings: Sequence[Taking], measure: Measure) -> Finding:
    """Take each unit's figure in each turn; a unit's own is their mean."""
    arms: dict[tuple[str, Arm], list[Taking]] = defaultdict(list)
    for one in takings:
        arms[one.stratum, one.arm].append(one)
    strata = sorted({stratum for stratum, _ in arms})
    slices = {
        name: (_units(arms[name, "A"], measure), _units(arms[name, "B"], measure))
        for name in strata
    }
    estimate = welch({name: (_means(a), _means(b)) for name, (a, b) in slices.items()})
    # From two turns on it is known how turns differ.
    needed = 2 if estimate is None else turns_needed(slices, estimate.difference)
    return Finding(estimate=estimate, needed=needed)


def _units(takings: Sequence[Taking], measure: Measure) -> Slices:
    """Give a row for each unit of an arm: its figure in each turn."""
    units: dict[str, list[Taking]] = defaultdict(list)
    for one in takings:
        units[one.unit].append(one)
    turns = [_by_turn(units[unit]) for unit in sorted(units)]
    values = iter(shares([measure(rows[number]) for rows in turns for number in sorted(rows)]))
    return [row for rows in turns if (row := list(islice(values, len(rows))))]


def _means(rows: Slices) -> list[float]:
    return [statistics.fmean(row) for row in rows]


def _by_turn(takings: Sequence[Taking]) -> dict[int, list[Taking]]:
    turns: dict[int, list[Taking]] = defaultdict(list)
    for one in takings:
        turns[one.turn.number].append(one)
    return turns


def requests_per_minute(takings: Sequence[Taking], arm: Arm) -> float:
    """Tell how many requests an arm sent in a game minute of its turns, at the median."""
    turns = _by_turn([one for one in takings if one.arm == arm])
    rates = [sum(one.requests for one in rows) / (rows[0].hours * 60) for rows in turns.values()]
    return statistics.median(rates) if rates else 0.0
