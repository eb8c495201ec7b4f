"""Makes the systems away from the starts: their places follow an outline, their trade the roles.

Radii are those of 25 real systems; which market stands where is guessed: each takes the goods
that a place of its type has in a starting system, so that production chains hang together.
"""

from __future__ import annotations

import math
import random

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue, Place
from fleet.simulator.rules import digging
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.universe.naming import SECTOR, odd_suffix, rock_suffix
from fleet.simulator.universe.outline import Body, Outline
from fleet.simulator.universe.stocking import listings, rock_traits, stock
from fleet.simulator.world.market import Market, Shipyard
from fleet.simulator.world.place import Chart, Construction, Material, System, Waypoint
from fleet.simulator.world.region import Region
from fleet.simulator.world.star import Star

PLANET_RADII = (8.0, 184.0)
GAS_RADII = (40.0, 411.0)
GATE_RADIUS = (449.0, 452.0)
ENGINEERED_RADIUS = (27.0, 29.0)
INNER_BELT, OUTER_BELT = (309.0, 391.0), (711.0, 790.0)
BASE_RADII = ((298.0, 348.0), (718.0, 722.0))
FAR_STATION_RADIUS = (598.0, 602.0)
GAS_STATION_SHARE, GATE_STATION_SHARE = 0.75, 0.5
"""Where on the ray of a gas giant or gate its fuel station stands."""

MARKET_SHARE = {"PLANET": 0.55, "MOON": 0.35, "ORBITAL_STATION": 0.9, "GAS_GIANT": 0.0}
"""Share of the places of a type that trade (guessed)."""

YARD_TYPES = (
    "SHIP_PROBE",
    "SHIP_LIGHT_HAULER",
    "SHIP_ORE_HOUND",
    "SHIP_EXPLORER",
    "SHIP_HEAVY_FREIGHTER",
    "SHIP_REFINING_FREIGHTER",
    "SHIP_BULK_FREIGHTER",
)
YARD_WEIGHTS = (30, 14, 12, 10, 4, 3, 1)
YARD_SHARE = 0.12
WILD_TRAITS = ("BARREN", "ROCKY", "FROZEN", "VOLCANIC", "SWAMP", "OCEAN", "JUNGLE", "TEMPERATE")

Point = tuple[int, int]


class Settler:
    """Settles one system; every draw comes from one generator."""

    def __init__(
        self, catalogue: Catalogue, rules: Rules, now: GameTime, rng: random.Random, star: Star
    ) -> None:
        self._catalogue = catalogue
        self._rules = rules
        self._now = now
        self._rng = rng
        self._star = star
        self._number = 0
        self._faction: str | None = None
        self._roles = {row.role: row.traits for row in catalogue.starting_system.places}
        self._region = Region(System(star.symbol, SECTOR, star.type, star.x, star.y, []))

    def settle(self, outline: Outline, faction: str | None) -> Region:
        """Make the system, its waypoints, markets, yards and gate.

        One with a faction is charted by it, and its people offer contracts; the rest is wild.
        """
        self._faction = faction
        if faction is not None:
            self._region.system.factions.append(faction)
        giants = [at for body in outline.bodies if (at := self._body(body)) is not None]
        gate = self._at(GATE_RADIUS)
        self._place("JUMP_GATE", gate, "JUMP_GATE", suffix=outline.gate)
        self._stations(giants, gate, outline)
        self._belts(outline)
        if self._star.building:
            self._build(f"{self._star.symbol}-{outline.gate}")
        return self._region

    def leave_empty(self) -> Region:
        """Make a system without a gate: nobody has seen a waypoint in one."""
        return self._region

    def _body(self, body: Body) -> Point | None:
        """Make a planet or gas giant and what orbits it; tell where a gas giant is."""
        at = self._at(GAS_RADII if body.gas else PLANET_RADII)
        parent = self._inhabited("GAS_GIANT" if body.gas else "PLANET", at)
        for _ in range(body.moons):
            self._orbit(parent, self._inhabited("MOON", at))
        if body.station:
            role = "GAS_STATION" if body.gas else None
            self._orbit(parent, self._inhabited("ORBITAL_STATION", at, role))
        return at if body.gas else None

    def _orbit(self, parent: Waypoint, moon: Waypoint) -> None:
        moon.orbits = parent.symbol
        parent.orbitals.append(moon.symbol)

    def _inhabited(self, kind: str, at: Point, role: str | None = None) -> Waypoint:
        """Make a planet, moon or station; some trade as one of that type does at a start."""
        rng = self._rng
        if role is None and rng.random() < MARKET_SHARE[kind]:
            role = rng.choice([row.role for row in self._templates(kind)])
        if role is not None:
            return self._place(kind, at, role, yard=rng.random() < YARD_SHARE)
        wild = ("STRONG_GRAVITY",) if kind == "GAS_GIANT" else (rng.choice(WILD_TRAITS),)
        return self._place(kind, at, traits=wild)

    def _templates(self, kind: str) -> list[Place]:
        """List the places of a type that trade in a starting system, but for its capital."""
        layout = self._catalogue.starting_system
        return [
            row
            for row in layout.places
            if row.type == kind and row.role in layout.markets and row.role != "HQ"
        ]

    def _stations(self, giants: list[Point], gate: Point, outline: Outline) -> None:
        """Make the fuel stations: by the gas giants, on the way to the gate, far out."""
        spots = [along(at, GAS_STATION_SHARE) for at in giants]
        spots.append(along(gate, GATE_STATION_SHARE))
        while len(spots) < outline.fuel_stations:
            spots.append(self._at(FAR_STATION_RADIUS if outline.outer_rocks else BASE_RADII[0]))
        for spot in spots:
            self._place("FUEL_STATION", spot, "FUEL_OUTER")

    def _belts(self, outline: Outline) -> None:
        """Make the rocks, and the bases among them."""
        rng = self._rng
        if outline.engineered:
            self._place("ENGINEERED_ASTEROID", self._at(ENGINEERED_RADIUS), "ENG_ASTEROID")
        for number in range(outline.bases):
            far = number > 0 and outline.outer_rocks > 0
            self._place(
                "ASTEROID_BASE", self._at(BASE_RADII[far]), "BASE_OUTER" if far else "BASE_INNER"
            )
        for count, belt in ((outline.inner_rocks, INNER_BELT), (outline.outer_rocks, OUTER_BELT)):
            for _ in range(count):
                self._place("ASTEROID", self._at(belt), traits=rock_traits(self._catalogue, rng))

    def _at(self, radii: tuple[float, float]) -> Point:
        radius, angle = self._rng.uniform(*radii), self._rng.uniform(0, 2 * math.pi)
        return half_up(radius * math.cos(angle)), half_up(radius * math.sin(angle))

    def _place(
        self,
        kind: str,
        at: Point,
        role: str = "",
        *,
        traits: tuple[str, ...] = (),
        suffix: str = "",
        yard: bool = False,
    ) -> Waypoint:
        """Make a waypoint, with a market if it has a role."""
        rng = self._rng
        self._number += 1
        suffix = suffix or (rock_suffix if kind == "ASTEROID" else odd_suffix)(rng, self._number)
        symbol = f"{self._star.symbol}-{suffix}"
        if role:
            traits = tuple(row for row in self._roles[role] if row != "SHIPYARD")
            goods = stock(role, self._catalogue, self._rules, rng)
            self._region.markets[symbol] = Market(waypoint=symbol, goods=goods)
        if yard:
            traits += ("SHIPYARD",)
            self._yard(symbol)
        point = Waypoint(
            symbol=symbol,
            system=self._star.symbol,
            type=kind,
            x=at[0],
            y=at[1],
            traits=list(traits),
            faction=self._faction,
            chart=Chart(self._faction, self._now) if self._faction else None,
        )
        point.deposits = digging.deposits(
            kind,
            traits,
            yields=self._catalogue.yields,
            minable=self._catalogue.minable,
            rules=self._rules,
            rng=rng,
        )
        self._region.system.waypoints.append(symbol)
        self._region.waypoints[symbol] = point
        return point

    def _yard(self, symbol: str) -> None:
        """Open a shipyard with a few of the ships that starting systems lack."""
        rng = self._rng
        drawn = rng.choices(YARD_TYPES, YARD_WEIGHTS, k=rng.randint(1, 4))
        types = tuple(kind for kind in YARD_TYPES if kind in drawn)
        offers = listings(types, self._catalogue, self._rules, rng)
        fee = self._catalogue.starting_system.modifications_fee
        self._region.shipyards[symbol] = Shipyard(symbol, offers, fee)

    def _build(self, gate: str) -> None:
        """Put the gate under construction, with the needs of a starting system's."""
        needs = self._catalogue.starting_system.construction.items()
        self._region.constructions[gate] = Construction(
            gate, [Material(good, required, fulfilled) for good, (required, fulfilled) in needs]
        )


def along(point: Point, share: float) -> Point:
    """Tell the place on a ray from the star to a point."""
    return half_up(share * point[0]), half_up(share * point[1])
