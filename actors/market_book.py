"""Knows the system's places and prices, plans ways and trips, and keeps ships off each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.limits import NEVER
from fleet.actors.market_rows import market_rows, waypoint_row, yard_rows
from fleet.actors.offers import Offers
from fleet.actors.price_curve import Quote
from fleet.actors.routing import Router
from fleet.actors.row_lanes import bundles
from fleet.actors.trades import Claim, Claimed, best_sale, best_source, best_trade
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    WRITER,
    BookQuery,
    BookView,
    Charted,
    Craft,
    Describe,
    FindSale,
    FindSource,
    FindTrade,
    MarketSeen,
    NoTrade,
    PlanRoute,
    ReleaseTrade,
    Source,
    Traded,
    TradePlan,
    YardSeen,
)
from fleet.protocol.rows import Row
from fleet.protocol.wire.market import Market, Shipyard
from fleet.protocol.wire.place import Waypoint
from fleet.runtime import Actor, Context, Envelope, Held, LaneMailbox, Props

# Most readings tell nothing new: when a market was seen is written that often; game seconds.
TELL_EVERY = 30.0
# Questions that are answered in one turn.
AT_ONCE = 100
# Of a good that was never seen anywhere; an ore costs less, a machine more. In credits.
UNKNOWN_PRICE = 100


@dataclass(slots=True)
class Knowledge:
    """What the book starts with: read from the database, or nothing."""

    waypoints: dict[str, Waypoint] = field(default_factory=dict)
    markets: dict[str, tuple[Market, GameTime]] = field(default_factory=dict)
    yards: dict[str, Shipyard] = field(default_factory=dict)


class MarketBook(Actor[Any]):
    """Claims are leased FindTrade messages, so a replaced book still knows them."""

    def __init__(self, load: Callable[[], Knowledge], epoch: int) -> None:
        self._load = load
        self._epoch = epoch
        self._known = Knowledge()
        self._offers = Offers()
        self._moved: set[str] = set()
        """Markets whose quotes our own deals have moved since they were read."""

        self._router = Router({}, ())
        self._drawn: _Drawn | None = None
        """What views tell, but for the times of readings; None when it has changed."""

        self._told: dict[str, GameTime] = {}
        """When a market was last written, by the time at which it was seen."""

        self._history = 0
        self._claims: dict[str, dict[int, Claim]] = {}
        """By ship, its claims by the envelope ids of their questions."""

        self._claimed = Claimed()
        """All of them together."""

    def on_start(self, ctx: Context[Any]) -> None:
        """Read what the database knows, and which claims there are."""
        self._known = self._load()
        for number, lease in ctx.lanes.leases.items():
            if isinstance(lease.note, Claim):
                self._claim(lease.envelope.message.craft.symbol, number, lease.note)
        for market, _ in self._known.markets.values():
            self._quote(market)
        self._map()

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Take facts in, answer questions."""
        match message:
            case Held():
                for envelope in ctx.lanes.lease(0, AT_ONCE):
                    self._find_trade(ctx, envelope)
                # Whoever was left is told of by nobody else.
                if ctx.lanes.held:
                    ctx.tell(ctx.self, Held())
            case PlanRoute(craft=craft, to=to):
                ctx.reply(self._router.plan(craft, to))
            case FindSale(craft=craft, goods=goods):
                ctx.reply(best_sale(craft, goods, self._offers, self._router))
            case FindSource(craft=craft, good=good, units=units):
                ctx.reply(self._source(craft, good, units))
            case Describe(waypoint=waypoint):
                ctx.reply(self._known.waypoints.get(waypoint))
            case ReleaseTrade(ship=ship):
                self._release(ctx, ship)
            case BookQuery():
                ctx.reply(self._view())
            case _:
                self._fact(ctx, message)

    def _fact(self, ctx: Context[Any], message: Any) -> None:
        match message:
            case MarketSeen(market=market, at=at):
                self._market(ctx, market, at)
            case YardSeen(yard=yard, at=at):
                self._yard(ctx, yard, at)
            case Charted(waypoints=waypoints):
                self._known.waypoints |= {place.symbol: place for place in waypoints}
                self._map()
                self._write(ctx, [waypoint_row(place, ctx.now()) for place in waypoints])
            case Traded(waypoint=waypoint, good=good, units=units):
                quote = self._offers.get(waypoint, good)
                if quote is not None:
                    self._offers.change(waypoint, quote.after(units))
                    self._moved.add(waypoint)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _map(self) -> None:
        self._drawn = None
        self._router = Router(self._known.waypoints, self._fuel_at())

    def _fuel_at(self) -> list[str]:
        """Name the places that sell fuel: by their list where it was read, else by trait."""
        places: list[str] = []
        for symbol, place in self._known.waypoints.items():
            seen = self._known.markets.get(symbol)
            if seen is None:
                sells = place.has("MARKETPLACE")
            else:
                listed = (*seen[0].exchange, *seen[0].exports)
                sells = any(good.symbol == "FUEL" for good in listed)
            if sells:
                places.append(symbol)
        return places

    # -- facts

    def _market(self, ctx: Context[Any], market: Market, at: GameTime) -> None:
        known = self._known.markets.get(market.symbol)
        if market.trade_goods is None and known is not None:
            return
        before = known[0].trade_goods if known else None
        self._known.markets[market.symbol] = (market, at)
        self._drawn = self._drawn if known else None
        changed = known is None or market.trade_goods != before
        if changed or market.symbol in self._moved:
            self._moved.discard(market.symbol)
            self._quote(market)
        if known is None and self._router.fuel_at != frozenset(self._fuel_at()):
            self._map()
        if changed or at >= self._told.get(market.symbol, NEVER) + TELL_EVERY:
            self._told[market.symbol] = at
            rows = market_rows(market, at, before or (), self._epoch, self._history + 1)
            self._history += len(rows)
            self._write(ctx, rows)

    def _quote(self, market: Market) -> None:
        goods = {
            good.symbol: Quote(
                good.symbol, good.type, good.purchase_price, good.sell_price, good.trade_volume
            )
            for good in market.trade_goods or ()
        }
        self._offers.put(market.symbol, goods)

    def _yard(self, ctx: Context[Any], yard: Shipyard, at: GameTime) -> None:
        known = self._known.yards.get(yard.symbol)
        if yard.ships is None and known is not None:
            return
        self._known.yards[yard.symbol] = yard
        self._drawn = None
        self._write(ctx, yard_rows(yard, at))

    def _write(self, ctx: Context[Any], rows: list[Row]) -> None:
        writer = ctx.address(WRITER)
        for bundle in bundles(rows):
            ctx.tell(writer, bundle)

    def _source(self, craft: Craft, good: str, units: int) -> Source | NoTrade:
        """Prefer a known price; else the nearest market that lists the good."""
        found = best_source(craft, good, units, self._offers, self._router)
        if isinstance(found, Source):
            return found
        sellers = [
            market.symbol
            for market, _ in self._known.markets.values()
            if any(sold.symbol == good for sold in (*market.exports, *market.exchange))
        ]
        if not sellers:
            return found
        nearest = min(sellers, key=lambda at: self._router.seconds(craft, craft.at, at))
        return Source(nearest, units * self._guess(good), units)

    def _guess(self, good: str) -> int:
        """Guess the price of a good where nobody has seen it: what others pay for it."""
        markets = self._offers.markets.values()
        known = (goods[good].bid for goods in markets if good in goods)
        return max(known, default=UNKNOWN_PRICE)

    # -- trips

    def _find_trade(self, ctx: Context[Any], envelope: Envelope) -> None:
        request: FindTrade = envelope.message
        self._release(ctx, request.craft.symbol)
        if request.keep is not None:
            good, buy_at, sell_at, units = request.keep
            plan: TradePlan | NoTrade = TradePlan(
                good=good,
                buy_at=buy_at,
                sell_at=sell_at,
                units=units,
                ask=0,
                cost=0,
                gain=0,
                seconds=0.0,
            )
        else:
            plan = best_trade(
                request.craft,
                request.budget,
                self._offers,
                self._router,
                self._claimed,
                request.least,
            )
        if isinstance(plan, TradePlan) and request.claim:
            claim = Claim(plan.good, plan.buy_at, plan.sell_at, plan.units)
            ctx.lanes.note(envelope.id, claim)
            self._claim(request.craft.symbol, envelope.id, claim)
        else:
            ctx.lanes.settle(envelope.id)
        ctx.reply(plan, to=envelope)

    def _release(self, ctx: Context[Any], ship: str) -> None:
        # A question of the same batch that has no answer yet is not a claim.
        for envelope_id, claim in self._claims.pop(ship, {}).items():
            self._claimed.remove(claim)
            ctx.lanes.settle(envelope_id)

    def _claim(self, ship: str, envelope_id: int, claim: Claim) -> None:
        self._claims.setdefault(ship, {})[envelope_id] = claim
        self._claimed.add(claim)

    def _view(self) -> BookView:
        if self._drawn is None:
            self._drawn = self._draw()
        markets = self._known.markets
        seen = tuple([(name, at) for name, (market, at) in markets.items() if market.trade_goods])
        places, listed, offers = self._drawn
        return BookView(places, seen, listed, offers)

    def _draw(self) -> _Drawn:
        offers: list[tuple[str, str, int]] = []
        for symbol, yard in self._known.yards.items():
            prices = {offer.type: offer.purchase_price for offer in yard.ships or ()}
            offers += [(symbol, kind.type, prices.get(kind.type, 0)) for kind in yard.ship_types]
        places = tuple(self._known.waypoints.values())
        return places, frozenset(self._known.markets), tuple(offers)


_Drawn = tuple[tuple[Waypoint, ...], frozenset[str], tuple[tuple[str, str, int], ...]]
"""Places, markets that are listed, and what yards offer, as a BookView tells of them."""


def book_props(load: Callable[[], Knowledge], epoch: int) -> Props:
    """Say how to run the book."""

    def lane_of(message: Any) -> int | None:
        return 0 if isinstance(message, FindTrade) else None

    return Props(
        factory=lambda: MarketBook(load, epoch),
        mailbox=lambda: LaneMailbox(lane_of),
        budget=5.0,
    )
