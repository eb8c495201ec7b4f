"""How memory grows over a soak in which the runtime is started anew now and then."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

Sample = tuple[float, float]
"""Wall seconds and MB."""


def slope_per_hour(samples: Sequence[Sample], *, since: float, cycle: float) -> float | None:
    """Fit a line through the medians of whole cycles from `since` on, in MB per hour.

    A runtime that was just started anew is small and grows to its size, once in each cycle:
    only medians over the same part of each can be compared. None for fewer than two cycles.
    """
    medians = []
    at = since
    last = samples[-1][0] if samples else 0.0
    while at + cycle <= last + 1:
        inside = [mb for moment, mb in samples if at <= moment < at + cycle]
        if inside:
            medians.append((at + cycle / 2, statistics.median(inside)))
        at += cycle
    if len(medians) < 2:
        return None
    fitted = statistics.linear_regression(*zip(*medians, strict=True))
    return fitted.slope * 3600
