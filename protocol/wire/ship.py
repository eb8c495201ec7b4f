"""A ship as the API shows it."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.words import Component, FlightMode, NavStatus, Role, Rotation, WaypointType


class RouteEnd(Wire, frozen=True, kw_only=True):
    """One end of a route."""

    symbol: str
    type: WaypointType
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
    status: NavStatus
    flight_mode: FlightMode


class Consumed(Wire, frozen=True, kw_only=True):
    """Fuel that the last flight took, at its departure."""

    amount: int
    timestamp: str


class Fuel(Wire, frozen=True, kw_only=True):
    """The tank in units; capacity 0 needs no fuel."""

    current: int
    capacity: int
    consumed: Consumed | None = None


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

    ship_symbol: str = ""
    total_seconds: int = 0
    remaining_seconds: int = 0
    expiration: str | None = None


class Registration(Wire, frozen=True, kw_only=True):
    """What the ship was registered as."""

    name: str
    role: Role
    faction_symbol: str


class Crew(Wire, frozen=True, kw_only=True):
    """Who is aboard; morale in percent, wages in credits per hour."""

    current: int = 0
    required: int = 0
    capacity: int = 0
    rotation: Rotation = ""
    morale: int = 0
    wages: int = 0


class Requirements(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """What a part needs; absent: nothing."""

    power: int | None = None
    crew: int | None = None
    slots: int | None = None


class Part(Wire, frozen=True, kw_only=True):
    """What every part of a ship has."""

    symbol: str
    requirements: Requirements = Requirements()


class WearingPart(Part, frozen=True, kw_only=True):
    """A part that wears: condition and integrity from 0 to 1."""

    condition: float = 1.0
    integrity: float = 1.0
    quality: float = 0.0


class Frame(WearingPart, frozen=True, kw_only=True):
    """The hull."""

    module_slots: int = 0
    mounting_points: int = 0
    fuel_capacity: int = 0


class Reactor(WearingPart, frozen=True, kw_only=True):
    """The source of power."""

    power_output: int = 0


class Engine(WearingPart, frozen=True, kw_only=True):
    """`speed` as in the travel time formula."""

    speed: int


class Module(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A module; capacity and range where it has such."""

    capacity: int = 0
    range: int | None = None


class Mount(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A mount; strength where it has such, deposits where it finds only some."""

    strength: int = 0
    deposits: tuple[str, ...] | None = None


class Ship(Wire, frozen=True, kw_only=True):
    """One ship."""

    symbol: str
    registration: Registration
    nav: Nav
    fuel: Fuel
    cargo: Cargo
    cooldown: Cooldown
    engine: Engine
    frame: Frame
    reactor: Reactor | None = None
    crew: Crew = Crew()
    modules: tuple[Module, ...] = ()
    mounts: tuple[Mount, ...] = ()


class ConditionEvent(Wire, frozen=True, kw_only=True):
    """Something that wore a component down."""

    symbol: str
    component: Component
