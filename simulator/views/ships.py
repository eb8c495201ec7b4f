"""Ships and their parts as the API shows them."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.refusals import unreadable
from fleet.simulator.world.ship import Nav, Ship


def ship_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show a whole ship. Raises Refusal 3000 for one whose hold a race left below zero."""
    if ship.overdrawn:
        raise unreadable(ship.symbol)
    return {
        "symbol": ship.symbol,
        "registration": registration_view(ship),
        "nav": nav_view(ctx, ship),
        "crew": crew_view(ship),
        "frame": ctx.render.fitting(ship.frame),
        "reactor": ctx.render.fitting(ship.reactor),
        "engine": ctx.render.fitting(ship.engine),
        "modules": ctx.render.parts(ship.modules),
        "mounts": ctx.render.parts(ship.mounts),
        "cargo": cargo_view(ctx, ship),
        "fuel": fuel_view(ctx, ship),
        "cooldown": cooldown_view(ctx, ship),
    }


def registration_view(ship: Ship) -> dict[str, Any]:
    """Show name, faction and role."""
    return {"name": ship.symbol, "factionSymbol": ship.faction, "role": ship.role}


def crew_view(ship: Ship) -> dict[str, Any]:
    """Show the crew; it never changes (official)."""
    return {
        "current": max(0, ship.crew_required),
        "required": ship.crew_required,
        "capacity": ship.crew_capacity,
        "rotation": "STRICT",
        "morale": 100,
        "wages": 0,
    }


def nav_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show where a ship is; in transit it is already listed at its destination (seen by two)."""
    nav = ship.nav
    key = ("route", nav.origin, nav.waypoint, nav.departure, nav.arrival)
    return {
        "systemSymbol": ctx.world.waypoints[nav.waypoint].system,
        "waypointSymbol": nav.waypoint,
        "route": ctx.render.once(key, lambda: route_view(ctx, nav)),
        "status": ship.status(ctx.now),
        "flightMode": nav.mode,
    }


def route_view(ctx: Context, nav: Nav) -> dict[str, Any]:
    """Show a flight; `departure` is the published name of what the server calls `origin`."""
    origin = end_view(ctx, nav.origin)
    route = {
        "destination": end_view(ctx, nav.waypoint),
        "origin": origin,
        "departureTime": ctx.render.stamp(nav.departure),
        "arrival": ctx.render.stamp(nav.arrival),
    }
    if ctx.world.rules.published_extras:
        route["departure"] = origin
    return route


def end_view(ctx: Context, symbol: str) -> dict[str, Any]:
    """Show one end of a route."""
    point = ctx.world.waypoints[symbol]
    return {
        "symbol": symbol,
        "type": point.type,
        "systemSymbol": point.system,
        "x": point.x,
        "y": point.y,
    }


def fuel_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show the tank and what the last trip took."""
    return {
        "current": ship.fuel,
        "capacity": ship.fuel_capacity,
        "consumed": {"amount": ship.burnt, "timestamp": ctx.render.stamp(ship.burnt_at)},
    }


def cargo_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show the hold."""
    goods = ctx.catalogue.goods
    return {
        "capacity": ship.capacity,
        "units": ship.load,
        "inventory": [
            {
                "symbol": symbol,
                "name": goods[symbol].name,
                "description": goods[symbol].description,
                "units": units,
            }
            for symbol, units in ship.cargo.items()
        ],
    }


def cooldown_view(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Show the cooldown; an idle ship has zeros and no expiration (official)."""
    left = ship.cool_at - ctx.now
    if left <= 0:
        return {"shipSymbol": ship.symbol, "totalSeconds": 0, "remainingSeconds": 0}
    clock = ctx.render.clock
    return {
        "shipSymbol": ship.symbol,
        "totalSeconds": clock.seconds(ship.cooldown),
        "remainingSeconds": clock.seconds(left),
        "expiration": ctx.render.stamp(ship.cool_at),
    }
