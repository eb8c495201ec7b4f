"""Preconditions that many operations share, in the order in which they are checked.

The order (transit, cooldown, state, equipment, place, cargo and credits) is guessed; codes,
messages and data are seen on the live server.
"""

from __future__ import annotations

from fleet.simulator.catalogue import Part
from fleet.simulator.context import Context
from fleet.simulator.refusals import Refusal
from fleet.simulator.views.ships import cooldown_view
from fleet.simulator.world.place import Waypoint
from fleet.simulator.world.ship import Ship


def arrived(ctx: Context, ship: Ship) -> None:
    """See that a ship is not in transit. Raises Refusal 4214."""
    if not ship.flying(ctx.now):
        return
    nav, stamp = ship.nav, ctx.render.stamp
    seconds = ctx.render.clock.seconds(nav.arrival - ctx.now)
    raise Refusal(
        4214,
        f"Ship is currently in-transit from {nav.origin} to {nav.waypoint} "
        f"and arrives in {seconds} seconds.",
        {
            "departureSymbol": nav.origin,
            "destinationSymbol": nav.waypoint,
            "arrival": stamp(nav.arrival),
            "departureTime": stamp(nav.departure),
            "secondsToArrival": seconds,
        },
    )


def cool(ctx: Context, ship: Ship) -> None:
    """See that a ship is off cooldown. Raises Refusal 4000."""
    if ctx.now >= ship.cool_at:
        return
    cooldown = cooldown_view(ctx, ship)
    raise Refusal(
        4000,
        f"Ship action is still on cooldown for {cooldown['remainingSeconds']} second(s).",
        {"cooldown": cooldown},
    )


def in_orbit(ship: Ship) -> None:
    """See that a ship is in orbit. Raises Refusal 4236."""
    if ship.nav.docked:
        at = ship.nav.waypoint
        raise Refusal(
            4236,
            f"Ship action failed. Ship is not currently in orbit at {at}.",
            {"waypointSymbol": at},
        )


def docked(ship: Ship) -> None:
    """See that a ship is docked. Raises Refusal 4244."""
    if not ship.nav.docked:
        at = ship.nav.waypoint
        raise Refusal(
            4244,
            f"Ship action failed. Ship is not currently docked at {at}.",
            {"waypointSymbol": at},
        )


def at_dock(ctx: Context, ship: Ship) -> None:
    """See that a ship has arrived and is docked. Raises Refusal."""
    arrived(ctx, ship)
    docked(ship)


def reactor_ready(ctx: Context, ship: Ship) -> None:
    """See that a ship may act with its reactor: arrived and cooled. Raises Refusal."""
    arrived(ctx, ship)
    cool(ctx, ship)


def mounts(ctx: Context, ship: Ship, kind: str) -> list[Part]:
    """List the mounts of a ship whose symbol begins so."""
    return [ctx.catalogue.parts[symbol] for symbol in ship.mounts if symbol.startswith(kind)]


def place(ctx: Context, ship: Ship) -> Waypoint:
    """Find the waypoint where a ship is."""
    return ctx.world.waypoints[ship.nav.waypoint]


def room(ship: Ship, units: int) -> None:
    """See that cargo fits into the hold. Raises Refusal 4217."""
    if ship.load + units <= ship.capacity:
        return
    raise Refusal(
        4217,
        f"Failed to update ship cargo. Cannot add {units} unit(s) to ship cargo. "
        f"Exceeds max limit of {ship.capacity}.",
        {
            "shipSymbol": ship.symbol,
            "cargoCapacity": ship.capacity,
            "cargoUnits": ship.load,
            "unitsToAdd": units,
        },
    )


def has_room(ship: Ship) -> None:
    """See that the hold is not full. Raises Refusal 4228."""
    if ship.load < ship.capacity:
        return
    raise Refusal(
        4228,
        "Failed to update ship cargo. Ship is at maximum capacity and has 0 units of "
        "available space.",
        {"shipSymbol": ship.symbol, "cargoCapacity": ship.capacity, "cargoUnits": ship.load},
    )


def holds(ship: Ship, good: str, units: int) -> None:
    """See that the hold contains so much of a good. Raises Refusal 4218 or 4219."""
    there = ship.cargo.get(good, 0)
    if there >= units:
        return
    raise Refusal(
        4219 if there else 4218,
        f"Failed to update ship cargo. Ship {ship.symbol} cargo does not contain {units} unit(s) "
        f"of {good}. Ship has {there} unit(s) of {good}.",
        {
            "shipSymbol": ship.symbol,
            "tradeSymbol": good,
            "cargoUnits": there,
            "unitsToRemove": units,
        },
    )


def start_cooldown(ctx: Context, ship: Ship, seconds: int) -> None:
    """Put a ship on cooldown."""
    ship.cooldown = seconds
    ship.cool_at = ctx.later(seconds)
