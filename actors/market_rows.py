"""The rows that the database keeps of places, markets, shipyards and surveys."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.rows import Append, Row, Upsert
from fleet.protocol.wire.contract import Survey
from fleet.protocol.wire.market import Market, Shipyard, Symbol, TradeGood
from fleet.protocol.wire.place import Waypoint


def system_of(waypoint: str) -> str:
    """Tell the system of a waypoint: the first two parts of its symbol."""
    return "-".join(waypoint.split("-")[:2])


def _symbols(listed: tuple[Symbol, ...]) -> list[str]:
    return [entry.symbol for entry in listed]


def waypoint_row(place: Waypoint, at: GameTime) -> Upsert:
    """Make the row of a place."""
    traits = _symbols(place.traits)
    values = {
        "system": place.system_symbol,
        "type": place.type,
        "x": place.x,
        "y": place.y,
        "orbits": place.orbits,
        "orbitals": _symbols(place.orbitals),
        "traits": traits,
        "modifiers": _symbols(place.modifiers),
        "faction": place.faction.symbol if place.faction else None,
        "charted": "UNCHARTED" not in traits,
        "under_construction": place.is_under_construction,
        "seen_at": at,
    }
    return Upsert("waypoints", (place.symbol,), values)


def market_rows(
    market: Market, at: GameTime, before: Iterable[TradeGood], epoch: int, number: int
) -> list[Row]:
    """Make the rows of a market; history rows, numbered from `number`, for what changed.

    A good that is as it was read before has no row: all goods of a market are seen at once, and
    the market's own row tells when.
    """
    lists = {
        "system": system_of(market.symbol),
        "imports": _symbols(market.imports),
        "exports": _symbols(market.exports),
        "exchange": _symbols(market.exchange),
        "seen_at": at,
    }
    rows: list[Row] = [Upsert("markets", (market.symbol,), lists)]
    known = {good.symbol: good for good in before}
    for good in market.trade_goods or ():
        old = known.get(good.symbol)
        if good == old:
            continue
        prices = {
            "ask": good.purchase_price,
            "bid": good.sell_price,
            "volume": good.trade_volume,
            "supply": good.supply,
            "activity": good.activity or None,
        }
        key = (market.symbol, good.symbol)
        rows.append(Upsert("trade_goods", key, {**prices, "type": good.type, "seen_at": at}))
        if old is None or (old.purchase_price, old.sell_price) != (prices["ask"], prices["bid"]):
            place = {"market": market.symbol, "good": good.symbol, "at": at}
            rows.append(Append("price_history", f"{epoch}-{number}", {**place, **prices}))
            number += 1
    return rows


def yard_rows(yard: Shipyard, at: GameTime) -> list[Row]:
    """Make the rows of a shipyard and its offers."""
    values = {
        "system": system_of(yard.symbol),
        "ship_types": [kind.type for kind in yard.ship_types],
        "modification_fee": yard.modifications_fee,
        "seen_at": at,
    }
    rows: list[Row] = [Upsert("shipyards", (yard.symbol,), values)]
    for offer in yard.ships or ():
        prices = {
            "price": offer.purchase_price,
            "supply": offer.supply or None,
            "activity": offer.activity or None,
            "seen_at": at,
        }
        rows.append(Upsert("shipyard_prices", (yard.symbol, offer.type), prices))
    return rows


def survey_row(survey: Survey, at: GameTime, *, exhausted: bool) -> Upsert:
    """Make the row of a survey."""
    values = {
        "waypoint": survey.symbol,
        "size": survey.size,
        "deposits": _symbols(survey.deposits),
        "expires_at": from_iso(survey.expiration),
        "exhausted": exhausted,
        "seen_at": at,
        "body": msgspec.to_builtins(survey),
    }
    return Upsert("surveys", (survey.signature,), values)
