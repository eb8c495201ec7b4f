"""What bodies a system away from the starts has: cheap to tell, without making them.

Counts are those of 25 real systems of 2026; the tiers are one client's model of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from fleet.simulator.universe.naming import odd_suffix
from fleet.simulator.world.star import Star

TIER_WEIGHTS = (100, 100, 50, 20, 20)
PLANETS_SPREAD = 2.0
STATION_SHARES = (0.23, 0.26, 0.32, 0.32, 0.90)
"""Share of the planets with a station, by tier."""

MOST_PLANETS = 8
GAS_GIANTS, GAS_WEIGHTS = (0, 1, 2, 3, 4), (8, 6, 4, 6, 1)
MOON_COUNTS, MOON_WEIGHTS = (0, 1, 2, 3, 4), (34, 36, 20, 8, 2)
INNER_ROCKS = (11, 25)
OUTER_ROCKS = (22, 44)
OUTER_SHARE = 0.4
BASES, BASE_WEIGHTS = (0, 1, 2, 3), (10, 2, 10, 3)
ENGINEERED_SHARE = 0.12
LEAST_FUEL_STATIONS = 2


@dataclass(frozen=True, slots=True)
class Body:
    """A planet or gas giant with what orbits it."""

    gas: bool
    moons: int
    station: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The bodies of a system."""

    tier: int
    bodies: tuple[Body, ...]
    inner_rocks: int
    outer_rocks: int
    bases: int
    engineered: bool
    gate: str
    """Suffix of the gate's symbol; its number is that of the last body and one."""

    @property
    def fuel_stations(self) -> int:
        """One for each gas giant, one on the way to the gate, one beyond the outer rocks."""
        gas = sum(body.gas for body in self.bodies)
        return max(LEAST_FUEL_STATIONS, gas + 1 + (self.outer_rocks > 0))

    @property
    def inner_places(self) -> int:
        """Planets, moons and stations."""
        return sum(1 + body.moons + body.station for body in self.bodies)

    @property
    def size(self) -> int:
        """Number of waypoints."""
        rocks = self.inner_rocks + self.outer_rocks + self.engineered
        return self.inner_places + rocks + self.bases + self.fuel_stations + 1


def draw_outline(seed: int, star: Star) -> Outline:
    """Draw the outline of a star's system; it depends on the seed and the star's symbol alone."""
    rng = random.Random(f"{seed}:{star.symbol}:outline")
    tier = rng.choices((1, 2, 3, 4, 5), TIER_WEIGHTS)[0]
    planets = max(0, min(MOST_PLANETS, round(rng.gauss(tier + 1, PLANETS_SPREAD))))
    giants = rng.choices(GAS_GIANTS, GAS_WEIGHTS)[0]
    bodies = tuple(draw_body(rng, tier, gas=at >= planets) for at in range(planets + giants))
    outer = rng.random() < OUTER_SHARE
    places = sum(1 + body.moons + body.station for body in bodies)
    return Outline(
        tier=tier,
        bodies=bodies,
        inner_rocks=rng.randint(*INNER_ROCKS),
        outer_rocks=rng.randint(*OUTER_ROCKS) if outer else 0,
        bases=rng.choices(BASES, BASE_WEIGHTS)[0],
        engineered=rng.random() < ENGINEERED_SHARE,
        gate=odd_suffix(rng, places + 1),
    )


def draw_body(rng: random.Random, tier: int, *, gas: bool) -> Body:
    """Draw a planet or gas giant."""
    return Body(
        gas=gas,
        moons=rng.choices(MOON_COUNTS, MOON_WEIGHTS)[0],
        station=rng.random() < STATION_SHARES[tier - 1],
    )


def gate_symbol(seed: int, star: Star) -> str:
    """Tell the symbol of a star's gate."""
    return f"{star.symbol}-{draw_outline(seed, star).gate}"
