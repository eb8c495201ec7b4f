"""The difference of two arms with an interval that holds it in 95 of 100 trials."""

from __future__ import annotations

import importlib
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

CONFIDENCE: Final = 0.95

LEAST_PAIRS: Final = 4
"""Pairs of turns; with fewer an interval is too wide to mean anything."""

LEAST_PER_ARM: Final = 2
"""Units in each arm of a stratum; one alone does not tell how much units differ."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What arm B has more than arm A."""

    a: float
    """Mean of the arm."""

    b: float
    difference: float
    low: float | None = None
    """The interval for the difference; None where there is too little to tell."""

    high: float | None = None
    units: int = 0
    """Pairs of turns, or units side by side."""

    method: str = ""

    @property
    def decided(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def share(self) -> float | None:
        """Tell the difference as a share of arm A's mean; None when that is zero."""
        return self.difference / abs(self.a) if self.a else None


def student(probability: float, freedom: float) -> float:
    """Tell the quantile of Student's distribution."""
    # Imported here, as it takes its time. Untyped: its stubs would cost each type check more than
    # all of fleet.
    special: Any = importlib.import_module("scipy.special")
    return float(special.stdtrit(freedom, probability))


def paired(pairs: Sequence[tuple[float, float]]) -> Estimate | None:
    """Compare pairs of turns (A, B) in order of time; None without any.

    The pair is the unit: mean of the differences, with Student's interval. Its standard error is
    the usual one, or Newey and West's (Econometrica 1987, Bartlett weights, automatic lag of
    Newey and West 1994) where that is larger: turns that reach beyond their wash-out make
    neighbouring pairs alike, and the usual one too small. To take the larger one only ever errs
    towards too wide an interval.
    """
    if not pairs:
        return None
    differences = [b - a for a, b in pairs]
    count, mean = len(differences), statistics.fmean(differences)
    low = high = None
    if count >= LEAST_PAIRS:
        wide = student((1 + CONFIDENCE) / 2, count - 1) * standard_error(differences)
        low, high = mean - wide, mean + wide
    return Estimate(
        a=statistics.fmean(a for a, _ in pairs),
        b=statistics.fmean(b for _, b in pairs),
        difference=mean,
        low=low,
        high=high,
        units=count,
        method="differences of pairs of turns, Student's t with Newey-West errors",
    )


def standard_error(differences: Sequence[float]) -> float:
    """Tell the standard error of a mean of numbers in order of time; at least two."""
    count, mean = len(differences), statistics.fmean(differences)
    off = [each - mean for each in differences]
    lags = min(math.floor(4 * (count / 100) ** (2 / 9)), count - 2)

    def together(lag: int) -> float:
        return math.fsum(one * other for one, other in zip(off, off[lag:], strict=False)) / count

    weighted = math.fsum((1 - lag / (lags + 1)) * together(lag) for lag in range(1, lags + 1))
    usual = together(0) * count / (count - 1)
    # With so few numbers the correction for the mean counts in both.
    robust = (together(0) + 2 * weighted) * count / (count - 1)
    return math.sqrt(max(usual, robust) / count)


def welch(strata: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Estimate | None:
    """Compare units (A, B) side by side within strata; None where no stratum has enough.

    Differences of means within strata, weighted by the strata's sizes; the variance is Neyman's,
    the degrees of freedom Welch's and Satterthwaite's (Imbens and Rubin, Causal Inference, 2015,
    chapter 9; Welch, Biometrika 1947).
    """
    full = {name: arms for name, arms in strata.items() if min(map(len, arms)) >= LEAST_PER_ARM}
    total = sum(len(a) + len(b) for a, b in full.values())
    if not total:
        return None
    mean_a = mean_b = variance = squares = 0.0
    for a, b in full.values():
        weight = (len(a) + len(b)) / total
        mean_a += weight * statistics.fmean(a)
        mean_b += weight * statistics.fmean(b)
        for arm in (a, b):
            part = weight**2 * statistics.variance(arm) / len(arm)
            variance += part
            squares += part**2 / (len(arm) - 1)
    wide = 0.0
    if variance:
        freedom = variance**2 / squares
        wide = student((1 + CONFIDENCE) / 2, freedom) * math.sqrt(variance)
    difference = mean_b - mean_a
    return Estimate(
        a=mean_a,
        b=mean_b,
        difference=difference,
        low=difference - wide,
        high=difference + wide,
        units=total,
        method="means of units within strata, Welch's t",
    )
