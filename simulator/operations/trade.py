"""Buying and selling goods and fuel."""

from __future__ import annotations

import math
from typing import Any, Literal

from fleet.simulator.bodies import CargoBody, RefuelBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.rules import economy
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.ships import cargo_view, fuel_view
from fleet.simulator.views.trade import price_pair, trade_view
from fleet.simulator.world.market import Market, MarketGood, Trade
from fleet.simulator.world.ship import Ship

FUEL = "FUEL"
ANTIMATTER = "ANTIMATTER"
TANK_UNITS = 100
"""Tank units in one unit of fuel on the market (official)."""


def purchase_cargo(ctx: Context) -> dict[str, Any]:
    """Buy goods for a docked ship."""
    body = ctx.read(CargoBody)
    good = ctx.good(body.symbol, "symbol")
    ship = ctx.ship()
    checks.at_dock(ctx, ship)
    offer = offered(ctx, ship, good, "purchase")
    within_volume(ship, offer, body.units)
    price = price_pair(ctx, offer)[0]
    checks.room(ship, body.units)
    affordable(ctx, good, body.units, price)
    ship.put(good, body.units)
    return settled(ctx, ship, deal(ctx, ship, good, "PURCHASE", body.units, price))


def sell_cargo(ctx: Context) -> dict[str, Any]:
    """Sell goods of a docked ship."""
    body = ctx.read(CargoBody)
    good = ctx.good(body.symbol, "symbol")
    ship = ctx.ship()
    checks.at_dock(ctx, ship)
    offer = offered(ctx, ship, good, "sell")
    within_volume(ship, offer, body.units)
    checks.holds(ship, good, body.units)
    ship.take(good, body.units)
    return settled(ctx, ship, deal(ctx, ship, good, "SELL", body.units, price_pair(ctx, offer)[1]))


def offered(ctx: Context, ship: Ship, good: str, verb: str) -> MarketGood:
    """Find a good on the market where a ship is. Raises Refusal 404, 4601 or 4602."""
    at = ship.nav.waypoint
    if at not in ctx.world.markets:
        raise not_found(f"Market at {at}")
    offer = ctx.markets.at(ctx.world, at, ctx.now).goods.get(good)
    if offer is None:
        raise Refusal(
            4601 if verb == "purchase" else 4602,
            f"Market {verb} failed. Trade good {good} is not available at {at}.",
            {"waypointSymbol": at, "tradeSymbol": good},
        )
    return offer


def within_volume(ship: Ship, offer: MarketGood, units: int) -> None:
    """See that a deal keeps to the trade volume. Raises Refusal 4604."""
    if units <= offer.volume:
        return
    raise Refusal(
        4604,
        f"Market transaction failed. Trade good {offer.symbol} has a limit of {offer.volume} "
        "units per transaction.",
        {
            "waypointSymbol": ship.nav.waypoint,
            "tradeSymbol": offer.symbol,
            "units": units,
            "tradeVolume": offer.volume,
        },
    )


def affordable(ctx: Context, good: str, units: int, price: int) -> None:
    """See that the agent can pay. Raises Refusal 4600."""
    total, funds = units * price, ctx.agent.credits
    if total <= funds:
        return
    raise Refusal(
        4600,
        "Market purchase failed. Agent does not have sufficient credits to purchase "
        f"{units} unit(s) of {good}",
        {
            "agentCredits": funds,
            "totalPrice": total,
            "tradeSymbol": good,
            "units": units,
            "purchasePrice": price,
        },
    )


def deal(
    ctx: Context,
    ship: Ship,
    good: str,
    kind: Literal["PURCHASE", "SELL"],
    units: int,
    price: int,
    *,
    book: str = "",
) -> dict[str, Any]:
    """Move credits, supply and the market's list of transactions; show the transaction.

    All units go at the price shown before (seen in logs).
    """
    at = ship.nav.waypoint
    market = ctx.markets.commit(ctx.world, at, ctx.now)
    sign = 1 if kind == "PURCHASE" else -1
    economy.trade(market, good, sign * units, ctx.now, ctx.world.rules)
    ctx.agent.post(book or kind, -sign * units * price)
    trade = Trade(ship.symbol, good, kind, units, price, ctx.now)
    note(market, trade, ctx.world.rules.transactions_kept)
    return trade_view(ctx, at, trade)


def note(market: Market, trade: Trade, kept: int) -> None:
    """Add a transaction to a market's list and drop the oldest."""
    market.trades = [*market.trades[1 - kept :], trade] if kept > 1 else [trade]


def settled(ctx: Context, ship: Ship, transaction: dict[str, Any]) -> dict[str, Any]:
    """Show what a deal has led to."""
    return {
        "agent": agent_view(ctx.agent),
        "cargo": cargo_view(ctx, ship),
        "transaction": transaction,
    }


def refuel_ship(ctx: Context) -> dict[str, Any]:
    """Fill the tank from the market or from the hold.

    One unit of fuel fills 100 of the tank, and a part of one is not given back (official).
    """
    body = ctx.read(RefuelBody)
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    added = min(body.units or ship.fuel_capacity, ship.fuel_capacity - ship.fuel)
    units = math.ceil(added / TANK_UNITS)
    pay = from_hold if body.from_cargo else from_market
    transaction = pay(ctx, ship, units)
    ship.fuel += added
    return {
        "agent": agent_view(ctx.agent),
        "fuel": fuel_view(ctx, ship),
        "transaction": transaction,
        "cargo": cargo_view(ctx, ship),
    }


def from_hold(ctx: Context, ship: Ship, units: int) -> dict[str, Any]:
    """Take fuel from the hold for nothing. Raises Refusal 4218 or 4219."""
    if units:
        checks.holds(ship, FUEL, units)
        ship.take(FUEL, units)
    trade = Trade(ship.symbol, FUEL, "PURCHASE", units, 0, ctx.now)
    return trade_view(ctx, ship.nav.waypoint, trade)


def from_market(ctx: Context, ship: Ship, units: int) -> dict[str, Any]:
    """Buy fuel where the ship is docked. Raises Refusal."""
    checks.docked(ship)
    offer = offered(ctx, ship, FUEL, "purchase")
    price = price_pair(ctx, offer)[0]
    if not units:
        # A full tank is answered kindly: nothing bought, nothing paid (guessed).
        trade = Trade(ship.symbol, FUEL, "PURCHASE", 0, price, ctx.now)
        return trade_view(ctx, ship.nav.waypoint, trade)
    affordable(ctx, FUEL, units, price)
    return deal(ctx, ship, FUEL, "PURCHASE", units, price, book="REFUEL")


def buy_for_jump(ctx: Context, ship: Ship) -> dict[str, Any]:
    """Buy the antimatter of a jump at the gate's market. Raises Refusal 4212 or 4600."""
    at = ship.nav.waypoint
    goods = ctx.markets.at(ctx.world, at, ctx.now).goods if at in ctx.world.markets else {}
    offer = goods.get(ANTIMATTER)
    if offer is None:
        text = f"Ship jump failed. There is no {ANTIMATTER} on the market at {at}."
        raise Refusal(4212, text, {"waypointSymbol": at})
    price = price_pair(ctx, offer)[0]
    affordable(ctx, ANTIMATTER, 1, price)
    return deal(ctx, ship, ANTIMATTER, "PURCHASE", 1, price, book="JUMP")
