"""What scans find, as the API shows it."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.views.places import chart_view, system_waypoint_view, trait_view
from fleet.simulator.views.ships import nav_view, registration_view
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.ship import Ship
from fleet.simulator.world.star import Star


def scanned_system_view(system: System | Star, far: int) -> dict[str, Any]:
    """Show a system with its distance."""
    return {
        "symbol": system.symbol,
        "sectorSymbol": system.symbol.partition("-")[0],
        "type": system.type,
        "x": system.x,
        "y": system.y,
        "distance": far,
    }


def scanned_waypoint_view(ctx: Context, point: Waypoint) -> dict[str, Any]:
    """Show a waypoint with its true traits, charted or not."""
    view = system_waypoint_view(point)
    view["systemSymbol"] = point.system
    view["traits"] = [trait_view(ctx, trait) for trait in point.traits]
    if point.faction:
        view["faction"] = {"symbol": point.faction}
    if point.chart:
        view["chart"] = chart_view(ctx, point.symbol, point.chart)
    return view


def scanned_ship_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show a ship; of its parts only the symbols (official)."""
    return {
        "symbol": ship.symbol,
        "registration": registration_view(ship),
        "nav": nav_view(ctx, ship),
        "frame": {"symbol": ship.frame.symbol},
        "reactor": {"symbol": ship.reactor.symbol},
        "engine": {"symbol": ship.engine.symbol},
        "mounts": [{"symbol": symbol} for symbol in ship.mounts],
    }
