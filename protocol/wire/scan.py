"""What scans show."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.market import Symbol
from fleet.protocol.wire.place import Chart
from fleet.protocol.wire.ship import Cooldown, Nav, Registration
from fleet.protocol.wire.words import WaypointType


class ScannedSystem(Wire, frozen=True, kw_only=True):
    """A system and its distance from the scanning ship's."""

    symbol: str
    type: str
    x: int
    y: int
    distance: int
    sector_symbol: str = ""


class ScannedWaypoint(Wire, frozen=True, kw_only=True):
    """A waypoint with its true traits."""

    symbol: str
    type: WaypointType
    system_symbol: str
    x: int
    y: int
    orbitals: tuple[Symbol, ...] = ()
    traits: tuple[Symbol, ...] = ()
    faction: Symbol | None = None
    chart: Chart | None = None


class ScannedShip(Wire, frozen=True, kw_only=True):
    """Somebody's ship; of its parts only the symbols are told."""

    symbol: str
    registration: Registration
    nav: Nav
    engine: Symbol
    frame: Symbol | None = None
    reactor: Symbol | None = None
    mounts: tuple[Symbol, ...] | None = None


class SystemsScanned(Wire, frozen=True, kw_only=True):
    """Reply of a scan of systems."""

    cooldown: Cooldown
    systems: tuple[ScannedSystem, ...]


class WaypointsScanned(Wire, frozen=True, kw_only=True):
    """Reply of a scan of waypoints."""

    cooldown: Cooldown
    waypoints: tuple[ScannedWaypoint, ...]


class ShipsScanned(Wire, frozen=True, kw_only=True):
    """Reply of a scan of ships."""

    cooldown: Cooldown
    ships: tuple[ScannedShip, ...]
