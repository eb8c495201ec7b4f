"""Scans: systems, waypoints and ships around a ship with a sensor array."""

from __future__ import annotations

from itertools import islice
from typing import Any

from fleet.simulator.catalogue import Part
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules import digging
from fleet.simulator.rules.jumping import jump_distance
from fleet.simulator.views.scans import (
    scanned_ship_view,
    scanned_system_view,
    scanned_waypoint_view,
)
from fleet.simulator.views.ships import cooldown_view
from fleet.simulator.world.ship import Ship

SENSOR_ARRAY = "MOUNT_SENSOR_ARRAY"


def scan_systems(ctx: Context) -> dict[str, Any]:
    """Find the nearest systems, as far as the array reaches (reach and number are guessed)."""
    ship, arrays = ready_to_scan(ctx)
    rules, galaxy = ctx.world.rules, ctx.galaxy
    reach = rules.scan_reach * max(array.strength or 0 for array in arrays)
    here = ctx.world.systems[checks.place(ctx, ship).system]
    others = (symbol for symbol in galaxy.near(here.x, here.y, reach) if symbol != here.symbol)
    found = map(galaxy.glimpse, islice(others, rules.scan_most))
    rows = [scanned_system_view(row, jump_distance(here, row)) for row in found]
    return scanned(ctx, ship, arrays, "systems", rows)


def scan_waypoints(ctx: Context) -> dict[str, Any]:
    """Show every waypoint of the system with its true traits (the reach is guessed)."""
    ship, arrays = ready_to_scan(ctx)
    world = ctx.world
    system = world.systems[checks.place(ctx, ship).system]
    points = (world.waypoints[symbol] for symbol in system.waypoints)
    rows = [scanned_waypoint_view(ctx, point) for point in points]
    return scanned(ctx, ship, arrays, "waypoints", rows)


def scan_ships(ctx: Context) -> dict[str, Any]:
    """Show the other ships of the system, whoever owns them."""
    ship, arrays = ready_to_scan(ctx)
    system = checks.place(ctx, ship).system
    start = f"{system}-"
    rows = [
        scanned_ship_view(ctx, other)
        for other in ctx.world.ships.values()
        if other.nav.waypoint.startswith(start) and other is not ship
    ]
    return scanned(ctx, ship, arrays, "ships", rows)


def ready_to_scan(ctx: Context) -> tuple[Ship, list[Part]]:
    """See that a ship can scan; that it takes an orbit is guessed. Raises Refusal."""
    ship = ctx.ship()
    checks.reactor_ready(ctx, ship)
    checks.in_orbit(ship)
    arrays = checks.mounts(ctx, ship, SENSOR_ARRAY)
    if not arrays:
        text = f"Ship scan failed. Ship {ship.symbol} has no sensor array."
        raise Refusal(4215, text, {"shipSymbol": ship.symbol})
    return ship, arrays


def scanned(
    ctx: Context, ship: Ship, arrays: list[Part], name: str, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """Start the cooldown of a scan and show what it has found."""
    checks.start_cooldown(ctx, ship, digging.cooldown_seconds(arrays))
    return {"cooldown": cooldown_view(ctx, ship), name: rows}
