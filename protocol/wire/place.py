"""Systems and waypoints."""

from __future__ import annotations

from fleet.protocol.wire.market import Symbol
from fleet.protocol.wire.ship import Wire


class Waypoint(Wire, frozen=True, kw_only=True):
    """A place in a system; coordinates relative to its centre."""

    symbol: str
    type: str
    system_symbol: str
    x: int
    y: int
    orbits: str | None = None
    orbitals: tuple[Symbol, ...] = ()
    traits: tuple[Symbol, ...] = ()
    modifiers: tuple[Symbol, ...] = ()
    faction: Symbol | None = None
    is_under_construction: bool = False

    def has(self, trait: str) -> bool:
        """Whether the waypoint shows a trait."""
        return any(shown.symbol == trait for shown in self.traits)


class SystemWaypoint(Wire, frozen=True, kw_only=True):
    """A waypoint as a system lists it, without traits."""

    symbol: str
    type: str
    x: int
    y: int


class System(Wire, frozen=True, kw_only=True):
    """A system."""

    symbol: str
    type: str
    x: int
    y: int
    waypoints: tuple[SystemWaypoint, ...] = ()
