"""Which trip pays best per second, given prices, ways and what other ships have claimed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fleet.actors.price_curve import Quote
from fleet.actors.routing import Router
from fleet.protocol.fleet import Craft, NoRoute, NoTrade, Sale, Source, TradePlan

# Requests at both ends of a trip and their waits, in game seconds.
TRIP_OVERHEAD = 30.0
# A trip must bring this many credits per game second, or it is not worth its requests.
LEAST_RATE = 2.0
Quotes = Mapping[str, Mapping[str, Quote]]
"""By waypoint, then by good."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one ship is about to buy and sell."""

    good: str
    buy_at: str
    sell_at: str
    units: int


class Claimed:
    """How many units of what others will have taken, or brought, before us."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.taken: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.brought: defaultdict[tuple[str, str], int] = defaultdict(int)
        for claim in claims:
            self.taken[claim.buy_at, claim.good] += claim.units
            self.brought[claim.sell_at, claim.good] += claim.units


def best_trade(
    craft: Craft, budget: int, quotes: Quotes, router: Router, claims: Iterable[Claim]
) -> TradePlan | NoTrade:
    """Choose the trip with the most credits per second; NoTrade when none pays."""
    claimed = Claimed(claims)
    sinks, bids = _sinks(quotes)
    best: TradePlan | None = None
    best_rate = LEAST_RATE
    for buy_at, goods in quotes.items():
        # Most places are too far off, or too dear, for whatever is sold anywhere.
        margin = _most_per_unit(goods, bids)
        least = router.least_seconds(craft, craft.at, buy_at) + TRIP_OVERHEAD
        if margin * craft.cargo_free <= best_rate * least:
            continue
        there = router.plan(craft, buy_at)
        if isinstance(there, NoRoute):
            continue
        for good, source in goods.items():
            if source.type == "IMPORT":
                continue
            for sell_at, sink in sinks.get(good, ()):
                if sink.bid <= source.ask or sell_at == buy_at:
                    continue
                # No lot brings more than the first one at prices that nobody has moved yet.
                most = (sink.bid - source.ask) * craft.cargo_free
                if most <= best_rate * there.seconds:
                    continue
                seconds = there.seconds + router.seconds(craft, buy_at, sell_at) + TRIP_OVERHEAD
                if most <= best_rate * seconds:
                    continue
                plan = _size(craft, budget, source, sink, (buy_at, sell_at), claimed, seconds)
                if plan is not None and plan.gain / seconds > best_rate:
                    best, best_rate = plan, plan.gain / seconds
    return best or NoTrade("no known route pays")


def _most_per_unit(goods: Mapping[str, Quote], bids: Mapping[str, int]) -> int:
    """Tell the most that a unit of anything from a place can bring, wherever it is sold."""
    margins = [
        bids[good] - source.ask
        for good, source in goods.items()
        if source.type != "IMPORT" and good in bids
    ]
    return max(margins, default=0)


def _sinks(quotes: Quotes) -> tuple[dict[str, list[tuple[str, Quote]]], dict[str, int]]:
    """List by good where it can be sold for more than half its price, and the best bid."""
    found: dict[str, list[tuple[str, Quote]]] = {}
    bids: dict[str, int] = {}
    for waypoint, goods in quotes.items():
        for good, quote in goods.items():
            if quote.type != "EXPORT":
                found.setdefault(good, []).append((waypoint, quote))
                if quote.bid > bids.get(good, 0):
                    bids[good] = quote.bid
    return found, bids


def _size(
    craft: Craft,
    budget: int,
    source: Quote,
    sink: Quote,
    ends: tuple[str, str],
    claimed: Claimed,
    seconds: float,
) -> TradePlan | None:
    """Take lots as long as each pays for itself and the hold and the budget last."""
    taken = claimed.taken[ends[0], source.good]
    given = claimed.brought[ends[1], source.good]
    units, cost, room = 0, 0, craft.cargo_free
    first = 0
    proceeds = 0
    for ask in source.asks(taken):
        first = first or ask
        lot = min(source.volume, room, (budget - cost) // ask)
        if lot <= 0:
            break
        more = sink.proceeds(units + lot, given)
        if more - proceeds <= lot * ask:
            break
        units, cost, room, proceeds = units + lot, cost + lot * ask, room - lot, more
    if not units:
        return None
    return TradePlan(
        good=source.good,
        buy_at=ends[0],
        sell_at=ends[1],
        units=units,
        ask=-(-cost // units) if units else first,
        cost=cost,
        gain=proceeds - cost,
        seconds=seconds,
    )


def best_sale(
    craft: Craft, held: Iterable[tuple[str, int]], quotes: Quotes, router: Router
) -> Sale | NoTrade:
    """Choose the market that brings most per second for what is in the hold."""
    best: Sale | None = None
    best_rate = 0.0
    goods = tuple(held)
    for waypoint, offers in quotes.items():
        bought = [(offers[good], units) for good, units in goods if good in offers]
        proceeds = sum(offer.proceeds(units) for offer, units in bought)
        least = router.least_seconds(craft, craft.at, waypoint) + TRIP_OVERHEAD
        if proceeds <= best_rate * least:
            continue
        route = router.plan(craft, waypoint)
        if isinstance(route, NoRoute):
            continue
        rate = proceeds / (route.seconds + TRIP_OVERHEAD)
        if rate > best_rate:
            best = Sale(waypoint, tuple(offer.good for offer, _ in bought))
            best_rate = rate
    return best or NoTrade("no known market buys it")


def best_source(
    craft: Craft, good: str, units: int, quotes: Quotes, router: Router
) -> Source | NoTrade:
    """Choose the cheapest place to buy a good; ways break ties."""
    found = [
        (offers[good].cost(units), router.seconds(craft, craft.at, waypoint), waypoint)
        for waypoint, offers in quotes.items()
        if good in offers and offers[good].type != "IMPORT"
    ]
    if not found:
        return NoTrade(f"no known market sells {good}")
    cost, _, waypoint = min(found)
    return Source(waypoint, cost, quotes[waypoint][good].volume)
