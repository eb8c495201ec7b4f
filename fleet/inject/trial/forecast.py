"""When a comparison will be decided, if what was seen so far goes on."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from fleet.inject.trial.estimate import CONFIDENCE, LEAST_PAIRS, student

POWER: Final = 0.8
"""How likely the interval is to leave zero out by then, if the difference is what it seems."""

MOST_PAIRS: Final = 5_000
"""Beyond it nobody waits: more than a year of turns of an hour."""


def pairs_needed(differences: Sequence[float]) -> int | None:
    """Tell how many pairs of turns decide; None where no number does that is worth waiting for.

    Solves |mean| = (t(0.975) + t(0.8)) * s / sqrt(n) for n, the usual sample size of a paired t
    test, with the mean and spread seen so far.
    """
    if len(differences) < 2:
        return None
    mean, spread = abs(statistics.fmean(differences)), statistics.stdev(differences)
    if not mean:
        return None
    count = float(LEAST_PAIRS)
    # Each step uses the degrees of freedom of the last one's answer, which soon stays the same.
    for _ in range(20):
        after = max(LEAST_PAIRS, (_reach(count - 1) * spread / mean) ** 2)
        if after > MOST_PAIRS:
            return None
        if abs(after - count) < 0.5:
            break
        count = after
    return math.ceil(max(count, after))


Slices = Sequence[Sequence[float]]
"""A row per unit: its figure in each turn."""


def turns_needed(strata: Mapping[str, tuple[Slices, Slices]], difference: float) -> int | None:
    """Tell how many turns side by side decide; None where more turns never do.

    A unit's mean varies for two reasons: units differ, which time does not mend, and turns do,
    which it does. Both are estimated as in a one-way analysis of variance with random effects.
    """
    arms = [arm for pair in strata.values() for arm in pair if len(arm) > 1]
    turns = min((len(row) for arm in arms for row in arm), default=0)
    if turns < 2 or not difference:
        return None
    within = statistics.fmean(statistics.variance(row) for arm in arms for row in arm)
    freedom = sum(len(arm) - 1 for arm in arms)
    means = [[statistics.fmean(row) for row in arm] for arm in arms]
    between = math.fsum((len(arm) - 1) * statistics.variance(arm) for arm in means) / freedom
    lasting = max(0.0, between - within / turns)
    room = difference**2 / (_reach(freedom) ** 2 * _scale(strata)) - lasting
    if room <= 0:
        return None
    needed = math.ceil(within / room)
    return needed if needed <= 2 * MOST_PAIRS else None


def _reach(freedom: float) -> float:
    """Tell how many standard errors a difference must be away from zero to be found."""
    return student((1 + CONFIDENCE) / 2, freedom) + student(POWER, freedom)


def _scale(strata: Mapping[str, tuple[Slices, Slices]]) -> float:
    """Tell the variance of the difference for units of variance 1."""
    full = [(len(a), len(b)) for a, b in strata.values() if min(len(a), len(b)) > 1]
    total = sum(a + b for a, b in full)
    return math.fsum(((a + b) / total) ** 2 * (1 / a + 1 / b) for a, b in full)
