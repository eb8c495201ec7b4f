"""Which trip pays best per second, given prices, ways and what other ships have claimed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fleet.actors.offers import Offers
from fleet.actors.price_curve import Quote, Sales
from fleet.actors.routing import Router
from fleet.protocol.fleet import Craft, NoRoute, NoTrade, Sale, Source, TradePlan
from fleet.protocol.tasks import LEAST_RATE

# Requests at both ends of a trip and their waits, in game seconds.
TRIP_OVERHEAD = 30.0


@dataclass(frozen=True, slots=True)
class Claim:
    """What one ship is about to buy and sell."""

    good: str
    buy_at: str
    sell_at: str
    units: int


Units = Mapping[str, int]
"""By good."""


class Claimed:
    """How many units of what others will have taken, or brought, before us; by waypoint."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._taken: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._brought: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._goods: Counter[str] = Counter()
        for claim in claims:
            self.add(claim)

    def add(self, claim: Claim) -> None:
        """Count a claim."""
        self._count(claim, claim.units)
        self._goods[claim.good] += 1

    def remove(self, claim: Claim) -> None:
        """Count a claim no longer."""
        self._count(claim, -claim.units)
        self._goods[claim.good] -= 1

    def _count(self, claim: Claim, units: int) -> None:
        self._taken[claim.buy_at][claim.good] += units
        self._brought[claim.sell_at][claim.good] += units

    @property
    def goods(self) -> list[str]:
        """Name the goods that anybody claims."""
        return [good for good, claims in self._goods.items() if claims]

    def taken(self, waypoint: str) -> Units:
        """Tell what others will have bought there."""
        return self._taken.get(waypoint, NOTHING)

    def brought(self, waypoint: str) -> Units:
        """Tell what others will have sold there."""
        return self._brought.get(waypoint, NOTHING)


NOTHING: Units = MappingProxyType({})


def best_trade(
    craft: Craft,
    budget: int,
    offers: Offers,
    router: Router,
    claimed: Claimed,
    least: float = LEAST_RATE,
) -> TradePlan | NoTrade:
    """Choose the trip with the most credits per second; NoTrade when none brings that much.

    Of trips that pay the same the first one in the order of the quotes is chosen.
    """
    search = _Search(craft, budget, offers, router, claimed, least)
    # Most places are too far off, or too dear, for whatever is sold anywhere: the best is found
    # among the first few, and no other one has to be looked at closely.
    for most, number, buy_at in search.places():
        if most < search.rate:
            break
        search.look(number, buy_at)
    return search.best or NoTrade("no known route pays")


class _Search:
    """The best trip so far; what comes later in the order of the quotes must beat it."""

    def __init__(
        self,
        craft: Craft,
        budget: int,
        offers: Offers,
        router: Router,
        claimed: Claimed,
        least: float,
    ) -> None:
        self._craft = craft
        self._budget = budget
        self._offers = offers
        self._router = router
        self._claimed = claimed
        self._bids = _bids(offers, claimed)
        self.best: TradePlan | None = None
        self.rate = least
        self._place: tuple[int, ...] = ()
        """Of the best one in the order of the quotes."""

    def places(self) -> list[tuple[float, int, str]]:
        """List where to buy, with the most that it can bring per second, that first."""
        craft, found = self._craft, list[tuple[float, int, str]]()
        for number, (buy_at, sources) in enumerate(self._offers.sources.items()):
            margin = _most_per_unit(sources, self._claimed.taken(buy_at), self._bids)
            if margin > 0:
                least = self._router.least_seconds(craft, craft.at, buy_at) + TRIP_OVERHEAD
                found.append((margin * craft.cargo_free / least, number, buy_at))
        found.sort(key=lambda place: (-place[0], place[1]))
        return found

    def look(self, number: int, buy_at: str) -> None:
        """Compare all trips that begin with a purchase at a place."""
        there = self._router.plan(self._craft, buy_at)
        if isinstance(there, NoRoute):
            return
        for most, seconds, place, source, sell_at, sink in self._trips(buy_at, there.seconds):
            if most < self.rate:
                return
            ends = buy_at, sell_at
            plan = _size(self._craft, self._budget, source, sink, ends, self._claimed, seconds)
            if plan is not None:
                self._compare(plan, (number, *place))

    def _trips(self, buy_at: str, there: float) -> list[_Trip]:
        """List the trips that may be better than the best one, the most promising first."""
        found: list[_Trip] = []
        free, least = self._craft.cargo_free, self.rate * there
        taken = self._claimed.taken(buy_at)
        for row, source in enumerate(self._offers.sources[buy_at]):
            ask = _first_ask(source, taken)
            # No lot brings more than the first one.
            most = (self._bids.get(source.good, 0) - ask) * free
            if most > 0 and most >= least:
                self._sales(found, source, ask, buy_at, row, there)
        found.sort(key=lambda trip: (-trip[0], trip[2]))
        return found

    def _sales(
        self, found: list[_Trip], source: Quote, ask: int, buy_at: str, row: int, there: float
    ) -> None:
        """Add the trips with one good that may be better than the best one."""
        craft, free, enough, good = self._craft, self._craft.cargo_free, self.rate, source.good
        least = enough * there
        for sell_at, sink in self._offers.sinks(good).items():
            units = self._claimed.brought(sell_at).get(good)
            bid = next(sink.bids(units)) if units else sink.bid
            most = (bid - ask) * free
            if most <= 0 or sell_at == buy_at or most < least:
                continue
            seconds = there + self._router.seconds(craft, buy_at, sell_at) + TRIP_OVERHEAD
            if most / seconds >= enough:
                place = row, self._offers.place(sell_at)
                found.append((most / seconds, seconds, place, source, sell_at, sink))

    def _compare(self, plan: TradePlan, place: tuple[int, ...]) -> None:
        rate = plan.gain / plan.seconds
        if rate > self.rate or (rate == self.rate and place < self._place):
            self.best, self.rate, self._place = plan, rate, place


_Trip = tuple[float, float, tuple[int, int], Quote, str, Quote]
"""Most credits per second, seconds, place in the quotes, what is bought, where sold, as what."""


def _first_ask(source: Quote, taken: Units) -> int:
    """Tell what the first unit costs when others have bought theirs."""
    units = taken.get(source.good)
    return next(source.asks(units)) if units else source.ask


def _most_per_unit(sources: list[Quote], taken: Units, bids: Mapping[str, int]) -> int:
    """Tell the most that a unit of anything from a place can bring, wherever it is sold."""
    most = 0
    for source in sources:
        margin = bids.get(source.good, 0) - source.ask
        # What others take only makes it dearer.
        if margin > most:
            most = max(most, bids[source.good] - _first_ask(source, taken))
    return most


def _bids(offers: Offers, claimed: Claimed) -> Mapping[str, int]:
    """Tell the most that the first unit brings, by good, when others have sold theirs."""
    bids = dict(offers.bids())
    for good in claimed.goods:
        best = 0
        for waypoint, sink in offers.sinks(good).items():
            units = claimed.brought(waypoint).get(good)
            best = max(best, next(sink.bids(units)) if units else sink.bid)
        bids[good] = best
    return bids


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
    taken = claimed.taken(ends[0]).get(source.good, 0)
    given = claimed.brought(ends[1]).get(source.good, 0)
    units, cost, room = 0, 0, craft.cargo_free
    first = 0
    proceeds = 0
    sales = Sales(sink, given)
    for ask in source.asks(taken):
        first = first or ask
        lot = min(source.volume, room, (budget - cost) // ask)
        if lot <= 0:
            break
        more = sales.bring(lot)
        if more <= lot * ask:
            break
        units, cost, room, proceeds = units + lot, cost + lot * ask, room - lot, proceeds + more
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
    craft: Craft, held: Iterable[tuple[str, int]], offers: Offers, router: Router
) -> Sale | NoTrade:
    """Choose the market that brings most per second for what is in the hold."""
    best: Sale | None = None
    best_rate = 0.0
    goods = tuple(held)
    for waypoint, here in offers.markets.items():
        bought = [(here[good], units) for good, units in goods if good in here]
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
    craft: Craft, good: str, units: int, offers: Offers, router: Router
) -> Source | NoTrade:
    """Choose the cheapest place to buy a good; ways break ties."""
    found = [
        (here[good].cost(units), router.seconds(craft, craft.at, waypoint), waypoint)
        for waypoint, here in offers.markets.items()
        if good in here and here[good].type != "IMPORT"
    ]
    if not found:
        return NoTrade(f"no known market sells {good}")
    cost, _, waypoint = min(found)
    return Source(waypoint, cost, offers.markets[waypoint][good].volume)
