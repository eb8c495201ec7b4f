"""Systems, waypoints and what stands there."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.market import Symbol
from fleet.protocol.wire.words import WaypointType


class Chart(Wire, frozen=True, kw_only=True):
    """Who charted a waypoint, and when."""

    waypoint_symbol: str = ""
    submitted_by: str = ""
    submitted_on: str = ""


class Waypoint(Wire, frozen=True, kw_only=True):
    """A place in a system; coordinates relative to its centre."""

    symbol: str
    type: WaypointType
    system_symbol: str
    x: int
    y: int
    orbits: str | None = None
    orbitals: tuple[Symbol, ...] = ()
    traits: tuple[Symbol, ...] = ()
    modifiers: tuple[Symbol, ...] = ()
    faction: Symbol | None = None
    chart: Chart | None = None
    is_under_construction: bool = False

    def has(self, trait: str) -> bool:
        """Whether the waypoint shows a trait."""
        # A list costs half of what a generator does, and planners ask for every place.
        return trait in [shown.symbol for shown in self.traits]


class SystemWaypoint(Wire, frozen=True, kw_only=True):
    """A waypoint as a system lists it, without traits."""

    symbol: str
    type: WaypointType
    x: int
    y: int
    orbits: str | None = None
    orbitals: tuple[Symbol, ...] = ()


class System(Wire, frozen=True, kw_only=True):
    """A system."""

    symbol: str
    type: str
    x: int
    y: int
    sector_symbol: str = ""
    name: str | None = None
    constellation: str | None = None
    waypoints: tuple[SystemWaypoint, ...] = ()
    factions: tuple[Symbol, ...] = ()


class JumpGate(Wire, frozen=True, kw_only=True):
    """A gate and the waypoints of the gates that it leads to."""

    symbol: str
    connections: tuple[str, ...] = ()


class ConstructionMaterial(Wire, frozen=True, kw_only=True):
    """A good that a site needs, in units."""

    trade_symbol: str
    required: int
    fulfilled: int


class Construction(Wire, frozen=True, kw_only=True):
    """A construction site."""

    symbol: str
    materials: tuple[ConstructionMaterial, ...] = ()
    is_complete: bool = False
