"""Makes a starting system from a seed, after the layout that all real ones share."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue, Place
from fleet.simulator.rules import digging
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.universe.naming import SECTOR, odd_suffix, system_symbol
from fleet.simulator.universe.stars import GATED, STAR_COUNTS
from fleet.simulator.universe.stocking import listings, rock_traits, stock
from fleet.simulator.world.market import Market, Shipyard
from fleet.simulator.world.place import Chart, Construction, Material, System, Waypoint
from fleet.simulator.world.region import Region
from fleet.simulator.world.star import Star

GALAXY_SPREAD = 25_000
ENGINEERED_NUMBER = 5
ASTEROIDS = {"B": (31, 37), "J": (22, 26)}
BARE_MOON_SHARE = 0.3

ON_THE_RAY = {
    "FUEL_GAS": ("GAS_GIANT", 0.75),
    "FUEL_GATE": ("JUMP_GATE", 0.5),
    "FUEL_OUTER": ("JUMP_GATE", 0.0),
    "BASE_OUTER": ("JUMP_GATE", 0.0),
}
"""Places on the ray of another: which, and at what share of its radius (0: a radius of its own)."""


def draw_home(rng: random.Random) -> Star:
    """Draw the star of a starting system: one that has a gate, which is still being built."""
    symbol = system_symbol(rng)
    kind = rng.choices(GATED, [STAR_COUNTS[name] for name in GATED])[0]
    x, y = half_up(rng.gauss(0, GALAXY_SPREAD)), half_up(rng.gauss(0, GALAXY_SPREAD))
    return Star(symbol, kind, x, y, gate=True, building=True)


class Founder:
    """Founds one starting system; every draw comes from one generator."""

    def __init__(
        self, catalogue: Catalogue, rules: Rules, now: GameTime, rng: random.Random
    ) -> None:
        self._catalogue = catalogue
        self._layout = catalogue.starting_system
        self._rules = rules
        self._now = now
        self._rng = rng
        self._angles: dict[str, float] = {}
        self._radii: dict[str, float] = {}

    def found(self, star: Star, faction: str) -> Region:
        """Make the system, its waypoints, markets, yards and the site of its gate."""
        system = System(
            symbol=star.symbol,
            sector=SECTOR,
            type=star.type,
            x=star.x,
            y=star.y,
            waypoints=[],
            factions=[faction],
        )
        self._region = Region(system)
        by_role = self._waypoints(system, faction)
        system.headquarters = by_role["HQ"].symbol
        system.probe_at = by_role["DRONE_YARD_MOON"].symbol
        self._trade(by_role)
        return self._region

    def _waypoints(self, system: System, faction: str) -> dict[str, Waypoint]:
        by_role: dict[str, Waypoint] = {}
        for number, place in enumerate(self._places(), 1):
            parent = by_role[place.orbits] if place.orbits else None
            x, y = (parent.x, parent.y) if parent else self._position(place)
            odd = place.role == "ENG_ASTEROID"
            name = odd_suffix(self._rng, number) if odd else f"{place.letter}{number}"
            point = self._waypoint(f"{system.symbol}-{name}", system, place, x, y, faction)
            if parent:
                point.orbits = parent.symbol
                parent.orbitals.append(point.symbol)
            if place.role:
                by_role[place.role] = point
        return by_role

    def _waypoint(
        self, symbol: str, system: System, place: Place, x: int, y: int, faction: str
    ) -> Waypoint:
        point = Waypoint(
            symbol=symbol,
            system=system.symbol,
            type=place.type,
            x=x,
            y=y,
            traits=list(place.traits),
            faction=faction,
            chart=Chart(faction, self._now),
            role=place.role,
        )
        point.deposits = digging.deposits(
            place.type,
            place.traits,
            yields=self._catalogue.yields,
            minable=self._catalogue.minable,
            rules=self._rules,
            rng=self._rng,
        )
        system.waypoints.append(symbol)
        self._region.waypoints[symbol] = point
        return point

    def _places(self) -> Iterator[Place]:
        """List the fixed places with asteroids and bare moons in between."""
        places = self._layout.places
        for index, place in enumerate(places):
            yield place
            last = index + 1 == len(places) or places[index + 1].letter != place.letter
            if last and place.letter in ASTEROIDS:
                for _ in range(self._rng.randint(*ASTEROIDS[place.letter])):
                    traits = rock_traits(self._catalogue, self._rng)
                    yield Place("", place.letter, "ASTEROID", traits)
            elif last and place.letter in "DEFGK" and self._rng.random() < BARE_MOON_SHARE:
                planet = next(row for row in places if row.letter == place.letter).role
                yield Place("", place.letter, "MOON", ("ROCKY", "TOXIC_ATMOSPHERE"), planet)

    def _position(self, place: Place) -> tuple[int, int]:
        key = place.role or f"{place.letter}_ASTEROIDS"
        model, share = ON_THE_RAY.get(key, ("", 0.0))
        angle = self._angles[model] if model else self._rng.uniform(0, 2 * math.pi)
        radius = (
            share * self._radii[model] if share else self._rng.uniform(*self._layout.radii[key])
        )
        self._angles[key], self._radii[key] = angle, radius
        return half_up(radius * math.cos(angle)), half_up(radius * math.sin(angle))

    def _trade(self, by_role: dict[str, Waypoint]) -> None:
        region, made_of = self._region, (self._catalogue, self._rules, self._rng)
        for role in self._layout.markets:
            at = by_role[role].symbol
            region.markets[at] = Market(waypoint=at, goods=stock(role, *made_of))
        for role, types in self._layout.shipyards.items():
            at, fee = by_role[role].symbol, self._layout.modifications_fee
            region.shipyards[at] = Shipyard(at, listings(types, *made_of), fee)
        gate = by_role["JUMP_GATE"].symbol
        needs = self._layout.construction.items()
        region.constructions[gate] = Construction(
            gate, [Material(good, *row) for good, row in needs]
        )
