"""What all known markets ask and bid, kept by market and by good: a search needs no scan."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.actors.price_curve import Quote

Quotes = Mapping[str, Mapping[str, Quote]]
"""By waypoint, then by good."""


class Offers:
    """The quotes of each market, in the order in which the markets were first told of."""

    def __init__(self, quotes: Quotes | None = None) -> None:
        self._goods: dict[str, dict[str, Quote]] = {}
        self._order: dict[str, int] = {}
        self._sources: dict[str, list[Quote]] = {}
        self._sinks: dict[str, dict[str, Quote]] = {}
        self._bids: dict[str, int] = {}
        self._stale: set[str] = set()
        """Goods whose best bid is to be looked for anew."""

        for waypoint, goods in (quotes or {}).items():
            self.put(waypoint, goods)

    # -- facts

    def put(self, waypoint: str, goods: Mapping[str, Quote]) -> None:
        """Take a market's quotes in, instead of all that was known of it."""
        for good in self._goods.get(waypoint, {}).keys() - goods.keys():
            self._drop_sink(waypoint, good)
        self._order.setdefault(waypoint, len(self._order))
        self._goods[waypoint] = dict(goods)
        for quote in goods.values():
            self._keep_sink(waypoint, quote)
        self._list_sources(waypoint)

    def change(self, waypoint: str, quote: Quote) -> None:
        """Take one good's quote in, at a market that is known."""
        self._goods[waypoint][quote.good] = quote
        self._keep_sink(waypoint, quote)
        self._list_sources(waypoint)

    def _keep_sink(self, waypoint: str, quote: Quote) -> None:
        if quote.type == "EXPORT":
            self._drop_sink(waypoint, quote.good)
        else:
            self._sinks.setdefault(quote.good, {})[waypoint] = quote
            self._stale.add(quote.good)

    def _drop_sink(self, waypoint: str, good: str) -> None:
        if self._sinks.get(good, {}).pop(waypoint, None) is not None:
            self._stale.add(good)

    def _list_sources(self, waypoint: str) -> None:
        quotes = self._goods[waypoint].values()
        self._sources[waypoint] = [quote for quote in quotes if quote.type != "IMPORT"]

    # -- looking

    @property
    def markets(self) -> Quotes:
        """All quotes, by waypoint and good."""
        return self._goods

    @property
    def sources(self) -> Mapping[str, list[Quote]]:
        """By waypoint, what can be bought there to be sold elsewhere."""
        return self._sources

    def place(self, waypoint: str) -> int:
        """Tell the place of a market in the order of the quotes."""
        return self._order[waypoint]

    def sinks(self, good: str) -> Mapping[str, Quote]:
        """By waypoint, where a good can be sold for more than half its price."""
        return self._sinks.get(good, {})

    def bids(self) -> Mapping[str, int]:
        """Tell the most that anybody bids for a unit, by good."""
        for good in self._stale:
            self._bids[good] = max((quote.bid for quote in self._sinks[good].values()), default=0)
        self._stale.clear()
        return self._bids

    def get(self, waypoint: str, good: str) -> Quote | None:
        """Look one quote up."""
        return self._goods.get(waypoint, {}).get(good)
