"""A world's systems: made when somebody looks, kept once somebody has changed them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.universe.atlas import Atlas
from fleet.simulator.universe.census import Census
from fleet.simulator.universe.outline import draw_outline, gate_symbol
from fleet.simulator.universe.outskirts import Settler
from fleet.simulator.universe.seeded import Founder
from fleet.simulator.world.lazy import Lazy
from fleet.simulator.world.place import Gate, System
from fleet.simulator.world.region import Region
from fleet.simulator.world.star import Star
from fleet.simulator.world.world import World

MOST_FRESH = 300
"""Unchanged systems that are remembered; one of 50 waypoints takes some 60 kB."""

COUNTED_AT_ONCE = 50
"""Systems, at some tenths of a millisecond each."""

PARTS = ("waypoints", "markets", "shipyards", "constructions")


class Galaxy:
    """Looks after the places of a world; lives in the simulator's thread.

    A system depends on the seed and its symbol alone, so one that nobody has changed is no part
    of the state: it is forgotten when there are many, and left out of snapshots and digests.
    """

    def __init__(self, world: World, catalogue: Catalogue) -> None:
        self._world = world
        self._catalogue = catalogue
        self._fresh: dict[str, bytes] = {}
        self._gates = set(world.gates)
        self.atlas = make_atlas(world, catalogue)
        self._census = Census(self._stars_drawn, self._size_of)
        world.systems = Lazy(world.systems, self._make)
        for part in PARTS:
            setattr(world, part, Lazy(getattr(world, part), self._make_place))
        world.gates = Lazy(world.gates, self._make_gate)

    @property
    def symbols(self) -> list[str]:
        """The symbols of all systems, in a fixed order."""
        if self.atlas is None:
            return list(self._world.systems)
        return self.atlas.symbols

    def stars(self) -> Iterator[Star | System]:
        """Go through all systems without looking into them."""
        return iter((self._world.systems if self.atlas is None else self.atlas.stars).values())

    def glimpse(self, symbol: str) -> Star | System:
        """Show a system from afar, without looking into it."""
        return self._world.systems[symbol] if self.atlas is None else self.atlas.stars[symbol]

    def near(self, x: float, y: float, reach: float) -> list[str]:
        """List the systems within a distance of a place, nearest first."""
        if self.atlas is not None:
            return [star.symbol for _far, star in self.atlas.grid.within(x, y, reach)]
        known = self._world.systems.values()
        found = [((row.x - x) ** 2 + (row.y - y) ** 2, row.symbol) for row in known]
        return [symbol for far, symbol in sorted(found) if far <= reach**2]

    def home(self, faction: str) -> System | None:
        """Find the system where agents of a faction start: its own, or any start; None if none."""
        systems = self._world.systems
        if self.atlas is not None:
            return systems[self.atlas.homes.get(faction, self._world.home)]
        homes = [row for row in systems.values() if row.headquarters]
        return next((row for row in homes if faction in row.factions), next(iter(homes), None))

    def count_waypoints(self) -> int:
        """Tell how many waypoints there are, made or not."""
        return len(self._world.waypoints) if self.atlas is None else self._census.total()

    def look_around(self) -> None:
        """Use an idle moment to get on with counting."""
        if self.atlas is not None:
            self._census.advance(COUNTED_AT_ONCE)

    def _stars_drawn(self) -> Iterable[Star]:
        return () if self.atlas is None else self.atlas.stars.values()

    def _size_of(self, star: Star) -> int:
        """Tell how many waypoints a system has; only starting systems have to be made for it."""
        atlas = self.atlas
        if atlas is None or star.symbol in atlas.home_factions:
            return len(self._world.systems[star.symbol].waypoints)
        return draw_outline(self._world.seed, star).size if star.gate else 0

    def stored(self) -> World:
        """Show the world as it is kept: without what the seed can make again."""
        self._settle()
        kept = {part: self._kept(getattr(self._world, part)) for part in PARTS}
        world, fresh = self._world, self._fresh
        systems = {symbol: row for symbol, row in world.systems.items() if symbol not in fresh}
        gates = {symbol: row for symbol, row in world.gates.items() if symbol in self._gates}
        return msgspec.structs.replace(world, systems=systems, gates=gates, **kept)

    def trim(self) -> None:
        """Forget unchanged systems if there are many; only between requests."""
        if len(self._fresh) <= MOST_FRESH:
            return
        self._settle()
        for symbol in list(self._fresh)[: -MOST_FRESH // 2]:
            self._forget(symbol)

    def _kept(self, places: dict[str, Any]) -> dict[str, Any]:
        return {at: row for at, row in places.items() if system_of(at) not in self._fresh}

    def _settle(self) -> None:
        """Find out which systems have been changed: those are kept from now on."""
        for symbol, digest in list(self._fresh.items()):
            if self._region(symbol).digest() != digest:
                del self._fresh[symbol]

    def _region(self, symbol: str) -> Region:
        """Gather what is in a system that has been made."""
        world, system = self._world, dict.__getitem__(self._world.systems, symbol)
        region = Region(system)
        for part in PARTS:
            there, places = getattr(region, part), getattr(world, part)
            for at in system.waypoints:
                if dict.__contains__(places, at):
                    there[at] = places[at]
        return region

    def _forget(self, symbol: str) -> None:
        system = self._world.systems.pop(symbol)
        for part in (*PARTS, "gates"):
            places = getattr(self._world, part)
            for at in system.waypoints:
                places.pop(at, None)
        del self._fresh[symbol]

    def _make_place(self, waypoint: str) -> bool:
        return self._make(system_of(waypoint))

    def _make(self, symbol: str) -> bool:
        """Make a system; False if there is none of that name or it is there already."""
        if self.atlas is None or dict.__contains__(self._world.systems, symbol):
            return False
        star = self.atlas.stars.get(symbol)
        if star is None:
            return False
        region = self._draw(self.atlas, star)
        self._fresh[symbol] = region.digest()
        self._world.systems[symbol] = region.system
        for part in PARTS:
            getattr(self._world, part).update(getattr(region, part))
        return True

    def _draw(self, atlas: Atlas, star: Star) -> Region:
        world = self._world
        rng = random.Random(f"{world.seed}:{star.symbol}")
        faction = atlas.faction(star.symbol)
        now = GameTime(world.created)
        if faction is not None and star.symbol in atlas.home_factions:
            return Founder(self._catalogue, world.rules, now, rng).found(star, faction)
        settler = Settler(self._catalogue, world.rules, now, rng, star)
        if not star.gate:
            return settler.leave_empty()
        return settler.settle(draw_outline(world.seed, star), faction)

    def _make_gate(self, waypoint: str) -> bool:
        """Make a gate of a system that was drawn; the lanes say where it leads."""
        atlas, symbol = self.atlas, system_of(waypoint)
        if atlas is None or symbol not in atlas.stars:
            return False
        point = self._world.waypoints.get(waypoint)
        if point is None or point.type != "JUMP_GATE":
            return False
        ends = [self._gate_of(atlas, end) for end in atlas.lanes.get(symbol, ())]
        self._world.gates[waypoint] = Gate(waypoint, ends)
        return True

    def _gate_of(self, atlas: Atlas, symbol: str) -> str:
        """Tell the symbol of a system's gate, without making the system if that can be."""
        if symbol not in atlas.home_factions:
            return gate_symbol(self._world.seed, atlas.stars[symbol])
        points = self._world.waypoints
        places = self._world.systems[symbol].waypoints
        return next(at for at in places if points[at].type == "JUMP_GATE")


def make_atlas(world: World, catalogue: Catalogue) -> Atlas | None:
    """Make the index of a world's stars; None where all systems stand in the world itself."""
    if world.size <= 1 and not world.stars:
        return None
    home = world.systems[world.home]
    first = Star(home.symbol, home.type, home.x, home.y, gate=True, building=True)
    faction = home.factions[0]
    others = [name for name in catalogue.factions if name != faction]
    captured = (world.stars, world.lanes) if world.stars else None
    return Atlas(world.seed, world.size, first, [faction, *others], captured)


def system_of(waypoint: str) -> str:
    """Cut a waypoint's symbol down to its system's."""
    return waypoint.rpartition("-")[0]
