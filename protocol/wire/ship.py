"""A ship as the API shows it; fields that fleet does not read are left out."""

from __future__ import annotations

import msgspec


class Wire(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Base of all wire models: camelCase outside, unknown fields tolerated."""


class RouteEnd(Wire, frozen=True, kw_only=True):
    """One end of a route."""

    symbol: str
    type: str
    system_symbol: str
    x: int
    y: int


class Route(Wire, frozen=True, kw_only=True):
    """The last or current flight; times are ISO instants on the server's clock."""

    origin: RouteEnd
    destination: RouteEnd
    departure_time: str
    arrival: str


class Nav(Wire, frozen=True, kw_only=True):
    """Where a ship is. In transit, `waypoint_symbol` is already the destination's."""

    system_symbol: str
    waypoint_symbol: str
    route: Route
    status: str
    """DOCKED, IN_ORBIT or IN_TRANSIT."""

    flight_mode: str


class Fuel(Wire, frozen=True, kw_only=True):
    """The tank in units; capacity 0 needs no fuel."""

    current: int
    capacity: int


class CargoItem(Wire, frozen=True, kw_only=True):
    """Some units of one good."""

    symbol: str
    units: int


class Cargo(Wire, frozen=True, kw_only=True):
    """The hold."""

    capacity: int
    units: int
    inventory: tuple[CargoItem, ...] = ()

    @property
    def free(self) -> int:
        """Units that still fit."""
        return self.capacity - self.units

    def of(self, good: str) -> int:
        """Units of one good."""
        return sum(item.units for item in self.inventory if item.symbol == good)


class Cooldown(Wire, frozen=True, kw_only=True):
    """Absent expiration: none."""

    total_seconds: int = 0
    remaining_seconds: int = 0
    expiration: str | None = None


class Registration(Wire, frozen=True, kw_only=True):
    """What the ship was registered as."""

    name: str
    role: str
    faction_symbol: str


class Engine(Wire, frozen=True, kw_only=True):
    """`speed` as in the travel time formula."""

    symbol: str
    speed: int


class Part(Wire, frozen=True, kw_only=True):
    """A frame, reactor, module or mount."""

    symbol: str
    strength: int = 0
    capacity: int = 0


class Ship(Wire, frozen=True, kw_only=True):
    """One ship."""

    symbol: str
    registration: Registration
    nav: Nav
    fuel: Fuel
    cargo: Cargo
    cooldown: Cooldown
    engine: Engine
    frame: Part
    modules: tuple[Part, ...] = ()
    mounts: tuple[Part, ...] = ()
