"""Repairing and scrapping ships at a shipyard, and what either would come to."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules import wear
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.ships import ship_view
from fleet.simulator.views.trade import price_pair
from fleet.simulator.world.ship import Ship

PLATING, PIECES = "SHIP_PLATING", "SHIP_PARTS"


def get_repair_ship(ctx: Context) -> dict[str, Any]:
    """Tell what a repair would cost; only at a yard (seen by one client)."""
    ship = at_yard(ctx, 4264, "repair")
    return {"transaction": quote(ctx, ship, repair_price(ctx, ship))}


def repair_ship(ctx: Context) -> dict[str, Any]:
    """Repair frame, reactor and engine."""
    ship = at_yard(ctx, 4264, "repair")
    price, funds = repair_price(ctx, ship), ctx.agent.credits
    if price > funds:
        text = "Failed to repair ship. Agent has insufficient funds."
        raise Refusal(4265, text, {"creditsAvailable": funds, "creditsNeeded": price})
    for part in (ship.frame, ship.reactor, ship.engine):
        wear.repaired(part, ctx.world.rules)
    if price:
        ctx.agent.post("REPAIR", -price)
    return {
        "agent": agent_view(ctx.agent),
        "ship": ship_view(ctx, ship),
        "transaction": quote(ctx, ship, price),
    }


def get_scrap_ship(ctx: Context) -> dict[str, Any]:
    """Tell what scrapping would pay; only at a yard (seen by one client)."""
    ship = at_yard(ctx, 4263, "scrap")
    return {"transaction": quote(ctx, ship, scrap_value(ctx, ship))}


def scrap_ship(ctx: Context) -> dict[str, Any]:
    """Turn a ship into credits; its cargo is gone with it (official). The last one may go, too."""
    ship = at_yard(ctx, 4263, "scrap")
    value = scrap_value(ctx, ship)
    ctx.agent.ships.remove(ship.symbol)
    del ctx.world.ships[ship.symbol]
    ctx.agent.post("SCRAP", value)
    return {"agent": agent_view(ctx.agent), "transaction": quote(ctx, ship, value)}


def at_yard(ctx: Context, code: int, verb: str) -> Ship:
    """See that a ship is docked at a shipyard. Raises Refusal."""
    ship = ctx.ship()
    checks.at_dock(ctx, ship)
    at = ship.nav.waypoint
    if at not in ctx.world.shipyards:
        text = f"Failed to {verb} ship. There is no shipyard at {at}."
        raise Refusal(code, text, {"shipSymbol": ship.symbol, "waypointSymbol": at})
    return ship


def repair_price(ctx: Context, ship: Ship) -> int:
    """Tell what a repair costs here."""
    plating, pieces = local_price(ctx, ship, PLATING), local_price(ctx, ship, PIECES)
    return wear.repair_price(ship, ctx.catalogue.parts, plating, pieces)


def local_price(ctx: Context, ship: Ship, good: str) -> int:
    """Tell what a good costs on the yard's own market, or usually where it isn't sold."""
    at = ship.nav.waypoint
    if at in ctx.world.markets:
        offer = ctx.markets.at(ctx.world, at, ctx.now).goods.get(good)
        if offer is not None:
            return price_pair(ctx, offer)[0]
    return ctx.catalogue.goods[good].base


def scrap_value(ctx: Context, ship: Ship) -> int:
    """Tell what a ship fetches."""
    goods = ctx.catalogue.goods
    fitted = (goods[name].base for name in (*ship.modules, *ship.mounts) if name in goods)
    model = ctx.catalogue.ship_types[ship.type]
    return wear.scrap_value(ship, model.price, fitted, ctx.world.rules)


def quote(ctx: Context, ship: Ship, price: int) -> dict[str, Any]:
    """Show a transaction with a yard, done or not."""
    return {
        "waypointSymbol": ship.nav.waypoint,
        "shipSymbol": ship.symbol,
        "totalPrice": price,
        "timestamp": ctx.render.stamp(ctx.now),
    }
