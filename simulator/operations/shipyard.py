"""Buying ships."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import PurchaseShipBody
from fleet.simulator.context import Context
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.rules import yards
from fleet.simulator.rules.fleet import launch
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.ships import ship_view
from fleet.simulator.views.trade import sale_view
from fleet.simulator.world.market import Listing, ShipSale, Shipyard


def purchase_ship(ctx: Context) -> dict[str, Any]:
    """Buy a ship at a yard where the caller has one already (official)."""
    body = ctx.read(PurchaseShipBody)
    at, kind = body.waypoint_symbol, body.ship_type
    if kind not in ctx.catalogue.ship_types:
        raise ctx.invalid("shipType", "a ship type", f"'{kind}'")
    if at not in ctx.world.waypoints:
        raise not_found(f"Waypoint {at}")
    yard, listing = on_sale(ctx, at, kind)
    if not ctx.present(at):
        text = f"Failed to purchase ship. Agent has no ship at {at}."
        raise Refusal(4245, text, {"waypointSymbol": at})
    price = yards.ship_price(listing, ctx.now, ctx.world.rules)
    if price > ctx.agent.credits:
        raise Refusal(
            4216,
            "Failed to purchase ship. Agent has insufficient funds.",
            {"creditsAvailable": ctx.agent.credits, "creditsNeeded": price},
        )
    yards.sell_ship(listing, ctx.now, ctx.world.rules)
    ctx.agent.post("SHIP", -price)
    ship = launch(ctx.world, ctx.catalogue, ctx.agent, kind, at, ctx.now)
    sale = ShipSale(kind, ctx.agent.symbol, price, ctx.now)
    yard.sales = [*yard.sales, sale][-ctx.world.rules.transactions_kept :]
    return {
        "agent": agent_view(ctx.agent),
        "ship": ship_view(ctx, ship),
        "transaction": sale_view(ctx, at, sale),
    }


def on_sale(ctx: Context, at: str, kind: str) -> tuple[Shipyard, Listing]:
    """Find a ship type at a yard. Raises Refusal 404 or 4605."""
    yard = ctx.world.shipyards.get(at)
    if yard is None:
        raise not_found(f"Shipyard at {at}")
    listing = yard.listings.get(kind)
    if listing is None:
        text = f"Ship {kind} is not available for purchase at {at}."
        raise Refusal(4605, text, {"waypointSymbol": at, "shipType": kind})
    return yard, listing
