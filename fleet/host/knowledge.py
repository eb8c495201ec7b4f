"""Brings what the database knows back into the words of the protocol."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from fleet.actors.market_book import Knowledge
from fleet.protocol.clock import GameTime
from fleet.protocol.wire.contract import Survey
from fleet.protocol.wire.market import Market, Shipyard, Symbol, TradeGood, YardShip, YardType
from fleet.protocol.wire.place import Waypoint
from fleet.storage import records, resume
from fleet.storage.reader import Source


def _symbols(listed: list[str]) -> tuple[Symbol, ...]:
    return tuple(Symbol(symbol=symbol) for symbol in listed)


def load_knowledge(source: Source, namespace: int) -> Knowledge:
    """Read places, markets and yards; in the thread of whoever needs them."""
    goods: defaultdict[str, list[TradeGood]] = defaultdict(list)
    for record in resume.trade_goods(source, namespace):
        goods[record.market].append(_good(record))
    offers: defaultdict[str, list[YardShip]] = defaultdict(list)
    for price in resume.shipyard_prices(source, namespace):
        offers[price.shipyard].append(YardShip(type=price.ship_type, purchase_price=price.price))
    known = Knowledge()
    for place in resume.waypoints(source, namespace):
        known.waypoints[place.symbol] = _waypoint(place)
    for market in resume.markets(source, namespace):
        read = _market(market, tuple(goods[market.waypoint]))
        known.markets[market.waypoint] = (read, GameTime(market.seen_at))
    for yard in resume.shipyards(source, namespace):
        known.yards[yard.waypoint] = _yard(yard, tuple(offers[yard.waypoint]))
    return known


def load_surveys(source: Source, namespace: int, now: GameTime) -> tuple[Survey, ...]:
    """Read the surveys that are of use still: after a week thousands are not."""
    stored = resume.surveys(source, namespace, now)
    return tuple(msgspec.convert(record.body, Survey) for record in stored)


def _good(record: records.TradeGoodRecord) -> TradeGood:
    return TradeGood(
        symbol=record.good,
        type=record.type,
        trade_volume=record.volume,
        supply=record.supply,
        purchase_price=record.ask,
        sell_price=record.bid,
        activity=record.activity or "",
    )


def _waypoint(record: records.WaypointRecord) -> Waypoint:
    return Waypoint(
        symbol=record.symbol,
        type=record.type,
        system_symbol=record.system,
        x=record.x,
        y=record.y,
        orbits=record.orbits,
        orbitals=_symbols(record.orbitals),
        traits=_symbols(record.traits),
        modifiers=_symbols(record.modifiers),
        faction=Symbol(symbol=record.faction) if record.faction else None,
        is_under_construction=record.under_construction,
    )


def _market(record: records.MarketRecord, goods: tuple[TradeGood, ...]) -> Market:
    return Market(
        symbol=record.waypoint,
        imports=_symbols(record.imports),
        exports=_symbols(record.exports),
        exchange=_symbols(record.exchange),
        trade_goods=goods or None,
    )


def _yard(record: records.ShipyardRecord, offers: tuple[YardShip, ...]) -> Shipyard:
    return Shipyard(
        symbol=record.waypoint,
        ship_types=tuple(YardType(type=kind) for kind in record.ship_types),
        ships=offers or None,
        modifications_fee=record.modification_fee,
    )
