"""Between systems: jumps through gates, and warps."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import DestinationBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.operations.departures import announce
from fleet.simulator.operations.navigation import burn, depart, flight_view
from fleet.simulator.operations.trade import buy_for_jump
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.rules import jumping, travel
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.ships import cooldown_view, nav_view
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.ship import Nav, Ship

WARP_DRIVE = "MODULE_WARP_DRIVE"


def jump_ship(ctx: Context) -> dict[str, Any]:
    """Jump through a finished gate to a connected one, at once; a cooldown follows (official).

    It takes one antimatter, bought at the gate's own market (official).
    """
    body = ctx.read(DestinationBody)
    ship = ctx.ship()
    checks.reactor_ready(ctx, ship)
    checks.in_orbit(ship)
    here = checks.place(ctx, ship)
    goal = jump_goal(ctx, here, body.waypoint_symbol)
    transaction = buy_for_jump(ctx, ship)
    far = jumping.jump_distance(ctx.world.systems[here.system], ctx.world.systems[goal.system])
    ship.nav = Nav(goal.symbol, here.symbol, ctx.now, ctx.now, docked=False, mode=ship.nav.mode)
    announce(ctx, ship)
    checks.start_cooldown(ctx, ship, jumping.jump_cooldown(far, ctx.world.rules))
    return {
        "nav": nav_view(ctx, ship),
        "cooldown": cooldown_view(ctx, ship),
        "transaction": transaction,
        "agent": agent_view(ctx.agent),
    }


def jump_goal(ctx: Context, here: Waypoint, symbol: str) -> Waypoint:
    """Find the gate that a jump leads to. Raises Refusal."""
    gate = ctx.world.gates.get(here.symbol)
    if gate is None:
        text = f"Ship jump failed. {here.symbol} is not a jump gate."
        raise Refusal(4254, text, {"waypointSymbol": here.symbol})
    if unfinished(ctx, here.symbol):
        text = f"Ship jump failed. Jump gate {here.symbol} is under construction."
        raise Refusal(4256, text, {"waypointSymbol": here.symbol})
    goal = ctx.world.waypoints.get(symbol)
    if goal is None:
        raise not_found(f"Waypoint {symbol}")
    if goal.system == here.system:
        text = "Failed to execute jump. Ship cannot execute jump to the system it is currently "
        raise Refusal(4208, f"{text}located in.", {"systemSymbol": here.system})
    if symbol not in gate.connections:
        text = f"Ship jump failed. Waypoint {symbol} is not connected to gate {here.symbol}."
        raise Refusal(4255, text, {"waypointSymbol": symbol, "connections": list(gate.connections)})
    if unfinished(ctx, symbol):
        text = f"Ship jump failed. Destination jump gate {symbol} is under construction."
        raise Refusal(4262, text, {"waypointSymbol": symbol})
    return goal


def unfinished(ctx: Context, gate: str) -> bool:
    """Whether a gate is still being built."""
    site = ctx.world.constructions.get(gate)
    return site is not None and not site.complete


def warp_ship(ctx: Context) -> dict[str, Any]:
    """Send a ship with a warp drive to a waypoint of another system (official)."""
    body = ctx.read(DestinationBody)
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    checks.in_orbit(ship)
    reach = warp_reach(ctx, ship)
    here = checks.place(ctx, ship)
    goal = ctx.world.waypoints.get(body.waypoint_symbol)
    if goal is None:
        raise not_found(f"Waypoint {body.waypoint_symbol}")
    if goal.system == here.system:
        text = f"Warp request failed. Destination {goal.symbol} is in the ship's own system."
        raise Refusal(4235, text, {"shipSymbol": ship.symbol, "waypointSymbol": goal.symbol})
    far = between(ctx.world.systems[here.system], ctx.world.systems[goal.system])
    if far > reach:
        text = f"Warp request failed. Destination {goal.symbol} is {far:.0f} away, and the drive "
        data = {"shipSymbol": ship.symbol, "distance": round(far), "range": reach}
        raise Refusal(4201, f"{text}reaches {reach}.", data)
    burn(ctx, ship, travel.fuel_cost(far, ship.nav.mode), "Warp")
    events = depart(ctx, ship, goal, far, warp=True)
    return flight_view(ctx, ship, events)


def warp_reach(ctx: Context, ship: Ship) -> int:
    """Tell how far the best warp drive of a ship reaches. Raises Refusal 4241."""
    drives = [ctx.catalogue.parts[name] for name in ship.modules if name.startswith(WARP_DRIVE)]
    if not drives:
        raise Refusal(4241, f"Ship {ship.symbol} has no warp drive.", {"shipSymbol": ship.symbol})
    return max(drive.range or 0 for drive in drives)


def between(a: System, b: System) -> float:
    """Tell the distance between two systems."""
    return travel.distance((a.x, a.y), (b.x, b.y))
