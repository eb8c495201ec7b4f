"""Moving cargo without a market: overboard, or to another ship."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import CargoBody, DeliveryBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.views.ships import cargo_view
from fleet.simulator.world.ship import Ship


def jettison(ctx: Context) -> dict[str, Any]:
    """Throw cargo overboard; that it takes an orbit is guessed."""
    body = ctx.read(CargoBody)
    good = ctx.good(body.symbol, "symbol")
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    checks.in_orbit(ship)
    checks.holds(ship, good, body.units)
    ship.take(good, body.units)
    return {"cargo": cargo_view(ctx, ship)}


def transfer_cargo(ctx: Context) -> dict[str, Any]:
    """Hand cargo to another ship of the agent at the same place in the same state."""
    body = ctx.read(DeliveryBody)
    good = ctx.good(body.trade_symbol, "tradeSymbol")
    giver = ctx.ship()
    checks.arrived(ctx, giver)
    taker = receiver(ctx, giver, body.ship_symbol)
    checks.holds(giver, good, body.units)
    checks.room(taker, body.units)
    giver.take(good, body.units * (2 if ctx.twice else 1))
    taker.put(good, body.units)
    return {"cargo": cargo_view(ctx, giver), "targetCargo": cargo_view(ctx, taker)}


def receiver(ctx: Context, giver: Ship, symbol: str) -> Ship:
    """Find the ship that takes the cargo. Raises Refusal 4231 to 4234 or 4271."""
    taker = ctx.world.ships.get(symbol)
    if taker is None:
        raise Refusal(4231, f"Ship {symbol} was not found.", {"shipSymbol": symbol})
    if taker.agent != giver.agent:
        raise Refusal(4232, f"Ship {symbol} belongs to another agent.", {"shipSymbol": symbol})
    if taker is giver:
        raise Refusal(4233, f"Ship {symbol} cannot transfer to itself.", {"shipSymbol": symbol})
    if taker.nav.waypoint != giver.nav.waypoint or taker.flying(ctx.now):
        raise Refusal(
            4234,
            f"Ship {symbol} is not at the same location as ship {giver.symbol}.",
            {"shipSymbol": giver.symbol, "targetShipSymbol": symbol},
        )
    if taker.nav.docked != giver.nav.docked:
        raise Refusal(
            4271,
            "Both ships must be either docked or in orbit at the same location.",
            {"shipSymbol": giver.symbol, "targetShipSymbol": symbol},
        )
    return taker
