"""How memory grows over a soak in which the runtime is started anew now and then."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Sample = tuple[float, float]
"""Wall seconds and MB."""

Look = tuple[float, Mapping[str, float]]
"""Wall seconds, and the MB of each process by its name."""

LATE: Final = 0.5
"""Part of a cycle that is left out: in it the runtime is killed, boots and grows to its size."""

FOURTHS: Final = 4


def of_all(looks: Sequence[Look]) -> list[Sample]:
    """Add up the processes of each look."""
    return [(at, sum(sizes.values())) for at, sizes in looks]


def of_each(looks: Sequence[Look]) -> dict[str, list[Sample]]:
    """Part the looks by process; one that is being started anew is missing in some."""
    parted: dict[str, list[Sample]] = {}
    for at, sizes in looks:
        for name, megabytes in sizes.items():
            parted.setdefault(name, []).append((at, megabytes))
    return parted


@dataclass(frozen=True, slots=True)
class Growth:
    """What became of a size from cycle to cycle."""

    per_hour: float
    """Slope of the line through the cycles, in MB per hour."""

    error: float
    """Its standard error: how much of it may be chance, since each cycle is another process."""

    sizes: tuple[float, ...]
    """MB, one of each cycle."""


def growth(samples: Sequence[Sample], *, since: float, cycle: float) -> Growth | None:
    """Fit a line through one value of each whole cycle from `since` on.

    A runtime that was just started anew is small and grows to its size, once in each cycle:
    only the same part of each can be compared. Of that part the lower quartile is taken, which
    faults that hold memory for some seconds hardly move. None for fewer than three cycles: a
    line through two has no error.
    """
    points = []
    at, last = since, samples[-1][0] if samples else 0.0
    while at + cycle <= last + cycle / 20:
        begin = at + LATE * cycle
        inside = [mb for moment, mb in samples if begin <= moment < at + cycle]
        if len(inside) >= FOURTHS:
            points.append((at / 3600, statistics.quantiles(inside, n=FOURTHS)[0]))
        at += cycle
    return None if len(points) < 3 else _line(points)


def _line(points: Sequence[tuple[float, float]]) -> Growth:
    hours, sizes = zip(*points, strict=True)
    slope, start = statistics.linear_regression(hours, sizes)
    rest = sum((size - start - slope * hour) ** 2 for hour, size in points) / (len(points) - 2)
    middle = statistics.fmean(hours)
    error = math.sqrt(rest / sum((hour - middle) ** 2 for hour in hours))
    return Growth(slope, error, sizes)
