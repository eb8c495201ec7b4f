"""Markets, shipyards and transactions as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from fleet.simulator.context import Context
from fleet.simulator.markets import Quote
from fleet.simulator.rules import economy, yards
from fleet.simulator.world.market import Market, MarketGood, Role, ShipSale, Shipyard, Trade

LISTS: Mapping[str, Role] = {"exports": "EXPORT", "imports": "IMPORT", "exchange": "EXCHANGE"}


def market_view(ctx: Context, market: Market, *, present: bool) -> dict[str, Any]:
    """Show a market; prices and transactions only to those who are present (official)."""
    view: dict[str, Any] = {"symbol": market.waypoint}
    for name, role in LISTS.items():
        key = ("goods", market.waypoint, role)
        view[name] = ctx.render.once(key, partial(goods_view, ctx, market, role))
    if present:
        show = partial(trade_view, ctx)
        view["transactions"] = ctx.render.history("trades", market.waypoint, market.trades, show)
        view["tradeGoods"] = trade_goods_view(ctx, market)
    return view


def goods_view(ctx: Context, market: Market, role: Role) -> list[dict[str, Any]]:
    """List the goods of a role, which everybody may know."""
    here = [ctx.catalogue.goods[row.symbol] for row in market.goods.values() if row.role == role]
    return [
        {"symbol": good.symbol, "name": good.name, "description": good.description} for good in here
    ]


def trade_goods_view(ctx: Context, market: Market) -> list[msgspec.Raw]:
    """Show what a market buys and sells now, and for how much."""
    rules, now = ctx.world.rules, ctx.now
    tick = economy.tick_at(now)
    quotes = {symbol: ctx.markets.quote(good, tick, rules) for symbol, good in market.goods.items()}
    named = {symbol: quote.label for symbol, quote in quotes.items()}
    linked = ctx.markets.links(market)
    rows = []
    for symbol, good in market.goods.items():
        quote, name = quotes[symbol], economy.activity(good, named, linked, now, rules)
        row = quote.rows.get((symbol, name))
        if row is None:
            row = msgspec.Raw(msgspec.json.encode(trade_good_view(good, quote, name)))
            quote.rows[symbol, name] = row
        rows.append(row)
    return rows


def trade_good_view(good: MarketGood, quote: Quote, activity: str | None) -> dict[str, Any]:
    """Show what a good costs."""
    row = {
        "symbol": good.symbol,
        "type": good.role,
        "tradeVolume": good.volume,
        "supply": quote.label,
    }
    if activity is not None:
        row["activity"] = activity
    return row | {"purchasePrice": quote.ask, "sellPrice": quote.bid}


def price_pair(ctx: Context, good: MarketGood) -> tuple[int, int]:
    """Tell (ask, bid) of a good of a market that stands at now."""
    quote = ctx.markets.quote(good, economy.tick_at(ctx.now), ctx.world.rules)
    return quote.ask, quote.bid


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
        show = partial(sale_view, ctx)
        view["transactions"] = ctx.render.history("sales", yard.waypoint, yard.sales, show)
        view["ships"] = [listing_view(ctx, yard, kind) for kind in yard.listings]
    view["modificationsFee"] = yard.fee
    return view


def listing_view(ctx: Context, yard: Shipyard, kind: str) -> msgspec.Raw:
    """Show a ship that a shipyard sells."""
    listing, rules = yard.listings[kind], ctx.world.rules
    supply = yards.ship_supply(listing, ctx.now, rules)
    price = yards.ship_price(listing, ctx.now, rules)
    key = ("listing", kind, supply, price)
    return ctx.render.once(key, lambda: listing_facts(ctx, kind, supply, price))


def listing_facts(ctx: Context, kind: str, supply: str, price: int) -> dict[str, Any]:
    """List what is to be known of a ship on sale."""
    model = ctx.catalogue.ship_types[kind]
    view: dict[str, Any] = {"symbol": kind} if ctx.world.rules.published_extras else {}
    return view | {
        "type": kind,
        "name": model.name,
        "description": model.description,
        "supply": supply,
        "activity": "GROWING",
        "purchasePrice": price,
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
