"""A sentence that says which arm is better, by how much and how sure."""

from __future__ import annotations

import math

from fleet.experiments.comparison import LEAST_PAIRS, Comparison


def verdict(found: Comparison) -> str:
    """Say what a comparison found."""
    if found.pairs < LEAST_PAIRS:
        return (
            f"{found.arm} against {found.baseline}: {_seeds(found.pairs)} too few"
            f" to tell anything about {found.metric}; play at least {LEAST_PAIRS}."
        )
    interval = f"95 % interval {_number(found.low)} to {_number(found.high)}"
    seeds = f"{found.better} of {found.pairs} seeds had more"
    if not found.decided:
        needed = f"; about {found.seeds_needed} seeds might decide it" if found.seeds_needed else ""
        return (
            f"{found.arm} and {found.baseline} can't be told apart by {found.metric}:"
            f" {_number(found.difference)} on average, {interval}, {seeds}{needed}."
        )
    word = "more" if found.difference > 0 else "less"
    share = "" if math.isnan(found.share) else f" ({abs(found.share):.1%})"
    return (
        f"{found.arm} has {_number(abs(found.difference), signed=False)}{share} {word}"
        f" {found.metric} than {found.baseline}: {interval}, {seeds}."
    )


def _seeds(count: int) -> str:
    return "1 paired seed is" if count == 1 else f"{count} paired seeds are"


def _number(value: float, *, signed: bool = True) -> str:
    sign = "+" if signed else ""
    digits = 0 if abs(value) >= 100 else 3
    return f"{value:{sign},.{digits}f}"
