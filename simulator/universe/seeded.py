"""Makes a starting system from a seed, after the layout that all real ones share."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue, Place
from fleet.simulator.rules import digging
from fleet.simulator.rules.economy import draw_margin
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.universe.naming import SECTOR, odd_suffix, system_symbol
from fleet.simulator.world.market import Listing, Market, MarketGood, Role, Shipyard
from fleet.simulator.world.place import Chart, Construction, Gate, Material, System, Waypoint
from fleet.simulator.world.world import World

STAR_WEIGHTS = {"RED_STAR": 1874, "ORANGE_STAR": 1777, "BLUE_STAR": 1455, "YOUNG_STAR": 985}
"""Stars that have gates, by how many a real galaxy of 2026 has."""

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

RARE_STOCK = (80, 121)
SHIP_MATERIAL_STOCK = (60, 75)
SHIP_MATERIALS = ("SHIP_PARTS", "SHIP_PLATING")
RARE_CATEGORIES = ("rare", "advanced")


class Founder:
    """Founds one starting system in a world; every draw comes from one generator."""

    def __init__(self, world: World, catalogue: Catalogue, now: GameTime) -> None:
        self._world = world
        self._catalogue = catalogue
        self._layout = catalogue.starting_system
        self._rules: Rules = world.rules
        self._now = now
        self._rng: random.Random = world.random()
        self._angles: dict[str, float] = {}
        self._radii: dict[str, float] = {}

    def found(self, faction: str) -> System:
        """Make the system, its waypoints, markets, yards and gate."""
        rng = self._rng
        symbol = system_symbol(rng, self._world.systems)
        system = System(
            symbol=symbol,
            sector=SECTOR,
            type=rng.choices(list(STAR_WEIGHTS), list(STAR_WEIGHTS.values()))[0],
            x=half_up(rng.gauss(0, GALAXY_SPREAD)),
            y=half_up(rng.gauss(0, GALAXY_SPREAD)),
            waypoints=[],
            factions=[faction],
        )
        self._world.systems[symbol] = system
        by_role = self._waypoints(system, faction)
        system.headquarters = by_role["HQ"].symbol
        system.probe_at = by_role["DRONE_YARD_MOON"].symbol
        self._trade(by_role)
        return system

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
        self._world.waypoints[symbol] = point
        return point

    def _places(self) -> Iterator[Place]:
        """List the fixed places with asteroids and bare moons in between."""
        places = self._layout.places
        for index, place in enumerate(places):
            yield place
            last = index + 1 == len(places) or places[index + 1].letter != place.letter
            if last and place.letter in ASTEROIDS:
                for _ in range(self._rng.randint(*ASTEROIDS[place.letter])):
                    yield Place("", place.letter, "ASTEROID", self._asteroid_traits())
            elif last and place.letter in "DEFGK" and self._rng.random() < BARE_MOON_SHARE:
                planet = next(row for row in places if row.letter == place.letter).role
                yield Place("", place.letter, "MOON", ("ROCKY", "TOXIC_ATMOSPHERE"), planet)

    def _asteroid_traits(self) -> tuple[str, ...]:
        shares = self._catalogue.yields
        main = digging.pick(shares.main_traits, self._rng)
        extra = [
            trait for trait, share in shares.extra_traits.items() if self._rng.random() < share
        ]
        return (main, *extra)

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
        world = self._world
        for role, goods in self._layout.markets.items():
            at = by_role[role].symbol
            stock = {
                good: self._stock(good, kind, volume, base) for good, kind, volume, base in goods
            }
            world.markets[at] = Market(waypoint=at, goods=stock)
        for role, types in self._layout.shipyards.items():
            at = by_role[role].symbol
            listings = {kind: Listing(kind, self._ship_price(kind)) for kind in types}
            world.shipyards[at] = Shipyard(at, listings, self._layout.modifications_fee)
        gate = by_role["JUMP_GATE"].symbol
        world.gates[gate] = Gate(gate, [])
        needs = self._layout.construction.items()
        world.constructions[gate] = Construction(
            gate, [Material(good, *row) for good, row in needs]
        )

    def _ship_price(self, kind: str) -> float:
        spread = self._rules.ship_price_spread
        return self._catalogue.ship_types[kind].price * self._rng.uniform(1 - spread, 1 + spread)

    def _stock(self, symbol: str, kind: str, volume: int, base: int) -> MarketGood:
        good = self._catalogue.goods[symbol]
        role: Role = "EXPORT" if kind == "EXPORT" else "IMPORT" if kind == "IMPORT" else "EXCHANGE"
        return start_good(symbol, role, base, volume, good.category, self._rules, self._rng)


def start_good(
    symbol: str,
    role: Role,
    base: float,
    volume: int,
    category: str,
    rules: Rules,
    rng: random.Random,
) -> MarketGood:
    """Draw the state of a good at a market that nobody has traded with yet.

    Means and spreads are fitted on untouched real markets; rarities stand far out and still.
    """
    margin = draw_margin(volume, rng.random())
    mean, spread = {
        "EXPORT": rules.export_start,
        "IMPORT": rules.import_start,
        "EXCHANGE": rules.exchange_start,
    }[role]
    s = rng.gauss(mean, spread)
    rare = category in RARE_CATEGORIES and volume <= 6
    if role == "EXPORT":
        net = half_up(max(-2.0, min(5.5, s)) * volume)
    elif role == "IMPORT":
        net = half_up(max(-5.5, min(2.0, s)) * volume)
    else:
        net = half_up(s * volume)
    if rare and role != "EXCHANGE":
        net = rng.randint(*RARE_STOCK) * (1 if role == "EXPORT" else -1)
    elif symbol in SHIP_MATERIALS and role == "EXPORT":
        net = rng.randint(*SHIP_MATERIAL_STOCK)
    return MarketGood(symbol, role, float(base), margin, volume, float(net), still=rare)
