"""Draws the stars of a galaxy; shares and distances are counted on a real one of 2026."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Container

from fleet.simulator.rules.prices import half_up
from fleet.simulator.universe.naming import system_symbol
from fleet.simulator.world.star import Star

REAL_SIZE = 7_000
"""Systems of a full-size galaxy (6,996 counted)."""

STAR_COUNTS = {
    "RED_STAR": 1874,
    "ORANGE_STAR": 1777,
    "BLUE_STAR": 1455,
    "YOUNG_STAR": 985,
    "NEUTRON_STAR": 278,
    "WHITE_DWARF": 268,
    "BLACK_HOLE": 180,
    "HYPERGIANT": 95,
    "UNSTABLE": 84,
}
GATED = ("RED_STAR", "ORANGE_STAR", "BLUE_STAR", "YOUNG_STAR")
GATE_SHARE = 3101 / 6091
"""Share of the stars of those types that have a gate."""

BUILDING_SHARE = 306 / 3101
"""Share of the gates that are still under construction."""

SHARES = (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 1.0)
RADII = (220.0, 2371.0, 5704.0, 11_796.0, 25_654.0, 41_203.0, 49_721.0, 57_125.0, 64_400.0)
"""Distances from the centre within which these shares of the stars lie."""


def draw_stars(rng: random.Random, count: int, taken: Container[str] = ()) -> dict[str, Star]:
    """Draw so many stars, by symbol."""
    stars: dict[str, Star] = {}
    kinds = rng.choices(list(STAR_COUNTS), list(STAR_COUNTS.values()), k=count)
    for kind in kinds:
        symbol = system_symbol(rng, stars)
        while symbol in taken:
            symbol = system_symbol(rng, stars)
        gate = kind in GATED and rng.random() < GATE_SHARE
        building = gate and rng.random() < BUILDING_SHARE
        stars[symbol] = Star(symbol, kind, *position(rng), gate, building)
    return stars


def position(rng: random.Random) -> tuple[int, int]:
    """Draw a place in the galaxy."""
    share, angle = rng.random(), rng.uniform(0, 2 * math.pi)
    step = bisect_right(SHARES, share) - 1
    part = (share - SHARES[step]) / (SHARES[step + 1] - SHARES[step])
    radius = RADII[step] + part * (RADII[step + 1] - RADII[step])
    return half_up(radius * math.cos(angle)), half_up(radius * math.sin(angle))
