"""Which jump gates lead where: near stars, and from each to every other by some way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product

from fleet.simulator.world.star import Star

CELL = 2_500
NEIGHBOURS = 8
"""Nearest stars that are candidates for a lane."""

DEGREE_MOST = 9
"""Lanes of one gate (2 to 9, most often 4, counted on a real galaxy)."""

LENGTH_LEAST = 200.0
"""Shortest lane that was counted."""

OPENED = (1, 5)
"""Lanes that a gate opens to its nearest stars: degrees and lengths come out as counted."""

Lane = tuple[float, str, str]


class Grid:
    """Finds stars by place."""

    def __init__(self, stars: Iterable[Star]) -> None:
        self._cells: dict[tuple[int, int], list[Star]] = defaultdict(list)
        for star in stars:
            self._cells[star.x // CELL, star.y // CELL].append(star)

    def within(self, x: float, y: float, reach: float) -> list[tuple[float, Star]]:
        """List the stars within a distance, nearest first."""
        low_x, high_x = int((x - reach) // CELL), int((x + reach) // CELL)
        low_y, high_y = int((y - reach) // CELL), int((y + reach) // CELL)
        found = [
            (far, star)
            for cell in product(range(low_x, high_x + 1), range(low_y, high_y + 1))
            for star in self._cells.get(cell, ())
            if (far := math.hypot(star.x - x, star.y - y)) <= reach
        ]
        return sorted(found, key=lambda row: (row[0], row[1].symbol))

    def nearest(self, star: Star, count: int, total: int) -> list[tuple[float, Star]]:
        """List the stars nearest to one; `total` is how many there are."""
        reach = float(CELL)
        while True:
            found = [row for row in self.within(star.x, star.y, reach) if row[1] is not star]
            if len(found) >= min(count, total - 1):
                return found[:count]
            reach *= 2


class Joined:
    """Tells what is connected already (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, symbol: str) -> str:
        """Find who stands for the part of the galaxy that a star is in."""
        above = self._above.setdefault(symbol, symbol)
        while above != symbol:
            self._above[symbol] = self._above.setdefault(above, above)
            symbol, above = above, self._above.setdefault(self._above[symbol], above)
        return symbol

    def join(self, one: str, other: str) -> bool:
        """Connect two; False if they were."""
        first, second = self.root(one), self.root(other)
        self._above[first] = second
        return first != second


def draw_lanes(gates: Sequence[Star], wanted: Sequence[int]) -> dict[str, list[str]]:
    """Connect gates: each to its `wanted` nearest ones, and all of them in one net."""
    lanes: dict[str, set[str]] = {star.symbol: set() for star in gates}
    joined = Joined()
    for _far, one, other in sorted(candidates(gates, wanted, lanes)):
        if joined.join(one, other):
            lanes[one].add(other)
            lanes[other].add(one)
    bridge(gates, lanes, joined)
    return {symbol: sorted(ends) for symbol, ends in lanes.items()}


def candidates(
    gates: Sequence[Star], wanted: Sequence[int], lanes: dict[str, set[str]]
) -> list[Lane]:
    """Open the wanted lanes, and list those that may join parts of the galaxy."""
    grid = Grid(gates)
    found: list[Lane] = []
    for star, count in zip(gates, wanted, strict=True):
        near = grid.nearest(star, NEIGHBOURS, len(gates))
        far_enough = [row for row in near if row[0] >= LENGTH_LEAST] or near
        for _far, other in far_enough[:count]:
            ends, back = lanes[star.symbol], lanes[other.symbol]
            if len(ends) < DEGREE_MOST and len(back) < DEGREE_MOST:
                ends.add(other.symbol)
                back.add(star.symbol)
        for far, other in far_enough:
            one, two = sorted((star.symbol, other.symbol))
            found.append((far, one, two))
    return found


def bridge(gates: Sequence[Star], lanes: dict[str, set[str]], joined: Joined) -> None:
    """Connect what the near lanes have left apart, by the shortest lane to the greatest part."""
    parts: dict[str, list[Star]] = defaultdict(list)
    for star in gates:
        parts[joined.root(star.symbol)].append(star)
    main, *rest = sorted(parts.values(), key=lambda part: (-len(part), part[0].symbol)) or [[]]
    for part in rest:
        _far, one, other = min(
            (math.hypot(a.x - b.x, a.y - b.y), a.symbol, b.symbol) for a in part for b in main
        )
        lanes[one].add(other)
        lanes[other].add(one)
        main += part
