"""Markets, shipyards and transactions as the API shows them."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.rules import economy, yards
from fleet.simulator.rules.prices import prices, supply_label, supply_of
from fleet.simulator.world.market import Market, MarketGood, ShipSale, Shipyard, Trade


def market_view(ctx: Context, market: Market, *, present: bool) -> dict[str, Any]:
    """Show a market; prices and transactions only to those who are present (official)."""
    by_role: dict[str, list[dict[str, Any]]] = {"EXPORT": [], "IMPORT": [], "EXCHANGE": []}
    for good in market.goods.values():
        facts = ctx.catalogue.goods[good.symbol]
        by_role[good.role].append(
            {"symbol": good.symbol, "name": facts.name, "description": facts.description}
        )
    view: dict[str, Any] = {
        "symbol": market.waypoint,
        "exports": by_role["EXPORT"],
        "imports": by_role["IMPORT"],
        "exchange": by_role["EXCHANGE"],
    }
    if present:
        view["transactions"] = [trade_view(ctx, market.waypoint, row) for row in market.trades]
        view["tradeGoods"] = trade_goods_view(ctx, market)
    return view


def trade_goods_view(ctx: Context, market: Market) -> list[dict[str, Any]]:
    """Show what a market buys and sells now, and for how much."""
    rules, now = ctx.world.rules, ctx.now
    named = economy.labels(market, economy.tick_at(now), rules)
    rows = []
    for symbol, good in market.goods.items():
        ask, bid = price_pair(ctx, good)
        row: dict[str, Any] = {
            "symbol": symbol,
            "type": good.role,
            "tradeVolume": good.volume,
            "supply": named[symbol],
        }
        name = economy.activity(market, good, named, ctx.catalogue.goods, now, rules)
        if name is not None:
            row["activity"] = name
        rows.append(row | {"purchasePrice": ask, "sellPrice": bid})
    return rows


def price_pair(ctx: Context, good: MarketGood) -> tuple[int, int]:
    """Tell (ask, bid) of a good of a market that stands at now."""
    net = economy.net_at(good, economy.tick_at(ctx.now), ctx.world.rules)
    return prices(good.role, good.base, good.margin, supply_of(good, net))


def good_label(ctx: Context, good: MarketGood) -> str:
    """Name the supply of a good of a market that stands at now."""
    net = economy.net_at(good, economy.tick_at(ctx.now), ctx.world.rules)
    return supply_label(supply_of(good, net))


def trade_view(ctx: Context, waypoint: str, trade: Trade) -> dict[str, Any]:
    """Show a market transaction."""
    return {
        "waypointSymbol": waypoint,
        "shipSymbol": trade.ship,
        "tradeSymbol": trade.good,
        "type": trade.type,
        "units": trade.units,
        "pricePerUnit": trade.price,
        "totalPrice": trade.price * trade.units,
        "timestamp": ctx.render.stamp(trade.at),
    }


def shipyard_view(ctx: Context, yard: Shipyard, *, present: bool) -> dict[str, Any]:
    """Show a shipyard; ships and transactions only to those who are present (official)."""
    view: dict[str, Any] = {
        "symbol": yard.waypoint,
        "shipTypes": [{"type": kind} for kind in yard.listings],
    }
    if present:
        view["transactions"] = [sale_view(ctx, yard.waypoint, row) for row in yard.sales]
        view["ships"] = [listing_view(ctx, yard, kind) for kind in yard.listings]
    view["modificationsFee"] = yard.fee
    return view


def listing_view(ctx: Context, yard: Shipyard, kind: str) -> dict[str, Any]:
    """Show a ship that a shipyard sells."""
    listing, model, rules = yard.listings[kind], ctx.catalogue.ship_types[kind], ctx.world.rules
    view: dict[str, Any] = {"symbol": kind} if rules.published_extras else {}
    return view | {
        "type": kind,
        "name": model.name,
        "description": model.description,
        "supply": yards.ship_supply(listing, ctx.now, rules),
        "activity": "GROWING",
        "purchasePrice": yards.ship_price(listing, ctx.now, rules),
        "frame": ctx.render.new_part(model.frame),
        "reactor": ctx.render.new_part(model.reactor),
        "engine": ctx.render.new_part(model.engine),
        "modules": ctx.render.parts(model.modules),
        "mounts": ctx.render.parts(model.mounts),
        "crew": {"required": model.crew_required, "capacity": model.crew_capacity},
    }


def sale_view(ctx: Context, waypoint: str, sale: ShipSale) -> dict[str, Any]:
    """Show a shipyard transaction; its `shipSymbol` holds the type (an official quirk)."""
    return {
        "waypointSymbol": waypoint,
        "shipSymbol": sale.type,
        "shipType": sale.type,
        "price": sale.price,
        "agentSymbol": sale.agent,
        "timestamp": ctx.render.stamp(sale.at),
    }
