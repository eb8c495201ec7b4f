"""How much better an arm is than the first one, and how sure that is: paired by seed."""

from __future__ import annotations

import importlib
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fleet.experiments.outcome import Outcome

CONFIDENCE = 0.95
RESAMPLES = 9_999
LEAST_PAIRS = 5
"""Fewer pairs give no interval worth the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure of one arm against the baseline; differences are per seed."""

    metric: str
    arm: str
    baseline: str
    pairs: int
    better: int
    """Seeds in which the arm had more."""

    mean: float
    """Of the arm, over the paired seeds."""

    baseline_mean: float
    difference: float
    """Mean of the differences."""

    low: float
    high: float
    """The interval for the mean difference; infinite with too few pairs."""

    seeds_needed: int
    """About how many seeds would decide, if the means stay as they are; 0 when it is decided."""

    @property
    def decided(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0

    @property
    def share(self) -> float:
        """Tell the difference as a share of the baseline's mean; NaN where that is no gain."""
        return self.difference / self.baseline_mean if self.baseline_mean > 0 else math.nan


def compare(metric: str, arm: str, baseline: str, outcomes: Sequence[Outcome]) -> Comparison:
    """Compare two arms over the seeds that both have finished.

    The interval is a bias-corrected, accelerated bootstrap of the mean of the differences.
    """
    mine, theirs = _by_seed(metric, arm, outcomes), _by_seed(metric, baseline, outcomes)
    seeds = sorted(mine.keys() & theirs.keys())
    found = list(differences(metric, arm, baseline, outcomes).values())
    low, high = _interval(found)
    mean = statistics.fmean(found) if found else math.nan
    return Comparison(
        metric=metric,
        arm=arm,
        baseline=baseline,
        pairs=len(seeds),
        better=sum(difference > 0 for difference in found),
        mean=statistics.fmean(mine[seed] for seed in seeds) if seeds else math.nan,
        baseline_mean=statistics.fmean(theirs[seed] for seed in seeds) if seeds else math.nan,
        difference=mean,
        low=low,
        high=high,
        seeds_needed=_needed(found, low, high),
    )


def differences(
    metric: str, arm: str, baseline: str, outcomes: Sequence[Outcome]
) -> dict[int, float]:
    """Tell for each seed that both arms have finished how much more the arm had."""
    mine, theirs = _by_seed(metric, arm, outcomes), _by_seed(metric, baseline, outcomes)
    return {seed: mine[seed] - theirs[seed] for seed in sorted(mine.keys() & theirs.keys())}


def _by_seed(metric: str, arm: str, outcomes: Sequence[Outcome]) -> dict[int, float]:
    return {
        one.seed: one.metrics[metric]
        for one in outcomes
        if one.arm == arm and not one.failed and metric in one.metrics
    }


def _interval(differences: Sequence[float]) -> tuple[float, float]:
    if len(differences) < LEAST_PAIRS:
        return -math.inf, math.inf
    if len(set(differences)) == 1:
        return differences[0], differences[0]
    # Imported here: it takes longer than most commands, and only comparisons need it. Untyped: its
    # stubs would cost each type check more than all of fleet.
    stats: Any = importlib.import_module("scipy.stats")
    found = stats.bootstrap(
        (differences,),
        stats.tmean,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=0,
    ).confidence_interval
    return float(found.low), float(found.high)


def _needed(differences: Sequence[float], low: float, high: float) -> int:
    """Scale the interval's half width, which shrinks with the root of the number of pairs."""
    if low > 0 or high < 0 or not math.isfinite(high - low):
        return 0
    mean = statistics.fmean(differences)
    if not mean:
        return 0
    return math.ceil(len(differences) * ((high - low) / 2 / abs(mean)) ** 2)
