"""Runs things that are compared in turns, so that a noisy machine is unkind to all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Runs:
    """What one contestant measured, in the order of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Take the middle."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """Take the ends."""
        return min(self.values), max(self.values)


def interleaved(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Runs]:
    """Let each contestant measure once per round; every other round goes backwards."""
    values: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds):
        names = list(contestants)
        for name in names if turn % 2 == 0 else reversed(names):
            values[name].append(contestants[name]())
    return {name: Runs(tuple(found)) for name, found in values.items()}


def ratio(one: Runs, other: Runs) -> float:
    """Take the median of the rounds' own ratios: what disturbed a round disturbed both."""
    pairs = zip(one.values, other.values, strict=True)
    return statistics.median(mine / theirs for mine, theirs in pairs)
