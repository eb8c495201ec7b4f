"""Docking, orbiting, flying and flight modes."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import DestinationBody, FlightModeBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.operations.departures import announce
from fleet.simulator.operations.wearing import strain_ship
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.rules import travel, wear
from fleet.simulator.views.ships import fuel_view, nav_view
from fleet.simulator.world.place import Waypoint
from fleet.simulator.world.ship import FlightMode, Nav, Ship


def orbit_ship(ctx: Context) -> dict[str, Any]:
    """Put a ship into orbit; harmless if it is there already."""
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    ship.nav.docked = False
    return {"nav": nav_view(ctx, ship)}


def dock_ship(ctx: Context) -> dict[str, Any]:
    """Dock a ship; harmless if it is docked already."""
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    ship.nav.docked = True
    return {"nav": nav_view(ctx, ship)}


def navigate_ship(ctx: Context) -> dict[str, Any]:
    """Send a ship to a waypoint of its system; a cooldown doesn't keep it (official)."""
    body = ctx.read(DestinationBody)
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    checks.in_orbit(ship)
    origin, goal = checks.place(ctx, ship), destination(ctx, ship, body.waypoint_symbol)
    far = travel.distance((origin.x, origin.y), (goal.x, goal.y))
    burn(ctx, ship, travel.fuel_cost(far, ship.nav.mode), "Navigate")
    events = depart(ctx, ship, goal, far)
    return flight_view(ctx, ship, events)


def depart(
    ctx: Context, ship: Ship, goal: Waypoint, far: float, *, warp: bool = False
) -> list[dict[str, Any]]:
    """Set a ship on its way, and show what the flight has worn."""
    origin = checks.place(ctx, ship)
    events = strain_ship(ctx, ship, "flight", (*origin.traits, *goal.traits))
    mode = ship.nav.mode
    seconds = travel.travel_seconds(far, speed(ctx, ship), mode, ctx.world.rules, warp=warp)
    ship.nav = Nav(
        waypoint=goal.symbol,
        origin=origin.symbol,
        departure=ctx.now,
        arrival=ctx.later(seconds),
        docked=False,
        mode=mode,
    )
    announce(ctx, ship)
    return events


def speed(ctx: Context, ship: Ship) -> float:
    """Tell how fast a ship flies."""
    nominal = ctx.catalogue.parts[ship.engine.symbol].speed or 1
    return wear.effective_speed(nominal, ship.engine, ctx.world.rules)


def destination(ctx: Context, ship: Ship, symbol: str) -> Waypoint:
    """Find where a ship is to fly. Raises Refusal 404, 4202 or 4204."""
    here = checks.place(ctx, ship)
    goal = ctx.world.waypoints.get(symbol)
    system = goal.system if goal else symbol.rpartition("-")[0]
    if system != here.system and (goal or system in ctx.world.systems):
        raise Refusal(
            4202,
            f"Navigate request failed. Destination {symbol} is outside the {here.system} system.",
            {"waypointSymbol": symbol, "systemSymbol": here.system},
        )
    if goal is None:
        raise not_found(f"Waypoint {symbol}")
    if goal.symbol == here.symbol:
        raise Refusal(
            4204,
            f"Navigate request failed. Ship {ship.symbol} is currently located at the destination.",
            {"shipSymbol": ship.symbol, "destinationSymbol": symbol},
        )
    return goal


def burn(ctx: Context, ship: Ship, units: int, verb: str) -> None:
    """Take fuel from the tank; a ship without a tank needs none. Raises Refusal 4203."""
    needed = units if ship.fuel_capacity else 0
    if ship.fuel < needed:
        raise Refusal(
            4203,
            f"{verb} request failed. Ship {ship.symbol} requires {needed - ship.fuel} more fuel "
            "for navigation.",
            {"shipSymbol": ship.symbol, "fuelRequired": needed, "fuelAvailable": ship.fuel},
        )
    ship.fuel -= needed
    ship.burnt = needed
    ship.burnt_at = ctx.now


def flight_view(
    ctx: Context, ship: Ship, events: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Show what a flight did."""
    return {"nav": nav_view(ctx, ship), "fuel": fuel_view(ctx, ship), "events": events or []}


def patch_ship_nav(ctx: Context) -> dict[str, Any]:
    """Set the flight mode; in transit a faster one shortens the rest of the flight.

    That it works in transit, and only towards faster, is official; the arithmetic is guessed.
    """
    body = ctx.read(FlightModeBody)
    ship = ctx.ship()
    mode, nav = body.flight_mode, ship.nav
    if mode is not None and mode != nav.mode:
        if ship.flying(ctx.now):
            hasten(ctx, ship, mode)
        nav.mode = mode
    return flight_view(ctx, ship)


def hasten(ctx: Context, ship: Ship, mode: FlightMode) -> None:
    """Bring the arrival of a flying ship forward. Raises Refusal 4269 or 4203."""
    nav = ship.nav
    if travel.slower(mode, nav.mode):
        raise Refusal(
            4269,
            f"Ship {ship.symbol} cannot slow down while in transit.",
            {"shipSymbol": ship.symbol, "currentFlightMode": nav.mode, "flightMode": mode},
        )
    far, warp = route_length(ctx, nav)
    left = (nav.arrival - ctx.now) / (nav.arrival - nav.departure)
    seconds, extra = travel.rerouted(far, left, speed(ctx, ship), nav.mode, mode, warp=warp)
    burn(ctx, ship, extra, "Navigate")
    nav.arrival = min(nav.arrival, ctx.later(seconds))


def route_length(ctx: Context, nav: Nav) -> tuple[float, bool]:
    """Tell how far a flight leads, and whether it is a warp."""
    world = ctx.world
    origin, goal = world.waypoints[nav.origin], world.waypoints[nav.waypoint]
    if origin.system == goal.system:
        return travel.distance((origin.x, origin.y), (goal.x, goal.y)), False
    start, end = world.systems[origin.system], world.systems[goal.system]
    return travel.distance((start.x, start.y), (end.x, end.y)), True
