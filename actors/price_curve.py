"""What buying or selling does to a price, from one observed pair of prices.

The server's curve moves a price exponentially in the units traded over the trade volume
(reference: market model 1.2, fitted on real data). From the ask and the bid of one moment the
moving part follows without knowing the good's base price: both are points of the same curve,
one trade volume apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# One trade volume moves the exponential part by this factor (fitted).
STEP = 2**0.3
SHARE = 1 - 1 / STEP
# An exchange has a flat curve: about this share of the price per trade volume (fitted, rough).
EXCHANGE_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Quote:
    """One good at one market, as last seen."""

    good: str
    type: str
    ask: int
    bid: int
    volume: int

    def asks(self, taken: int = 0) -> Iterator[int]:
        """Tell the price of each next full lot for a buyer, after `taken` units are gone."""
        lots = taken / self.volume
        # EXPORT: ask - 2 bid is the moving part's fall over one trade volume. An IMPORT's ask
        # is twice its curve one volume back; it is hardly ever bought.
        moving = max(0.0, (self.ask - 2 * self.bid) / SHARE) if self.type == "EXPORT" else 0.0
        step = EXCHANGE_STEP * self.ask if self.type != "EXPORT" else 0.0
        while True:
            yield round(self.ask + moving * (STEP**lots - 1) + step * lots)
            lots += 1

    def bids(self, given: int = 0) -> Iterator[int]:
        """Tell the price of each next full lot for a seller, after `given` units were sold."""
        lots = given / self.volume
        moving = max(0.0, (self.ask / 2 - self.bid) / SHARE) if self.type == "IMPORT" else 0.0
        step = EXCHANGE_STEP * self.bid if self.type != "IMPORT" else 0.0
        while True:
            yield max(1, round(self.bid - moving * (STEP**lots - 1) - step * lots))
            lots += 1

    def cost(self, units: int, taken: int = 0) -> int:
        """Add up what units cost, bought lot by lot."""
        return _total(units, self.volume, self.asks(taken))

    def proceeds(self, units: int, given: int = 0) -> int:
        """Add up what units bring, sold lot by lot."""
        return _total(units, self.volume, self.bids(given))

    def after(self, bought: int) -> Quote:
        """Predict the quote after units were bought (sold, where negative)."""
        lots = bought / self.volume
        ask, bid = float(self.ask), float(self.bid)
        # The dearer side of a good's own kind moves by the moving part's change, the other one,
        # a trade volume apart, by that much less.
        if self.type == "EXPORT":
            moved = max(0.0, (self.ask - 2 * self.bid) / SHARE) * (STEP**lots - 1)
            ask, bid = ask + moved, bid + moved / STEP / 2
        elif self.type == "IMPORT":
            moved = max(0.0, (self.ask / 2 - self.bid) / SHARE) * (STEP**-lots - 1)
            ask, bid = ask - 2 * moved / STEP, bid - moved
        else:
            step = EXCHANGE_STEP * self.ask * lots
            ask, bid = ask + step, bid + step
        return Quote(self.good, self.type, max(1, round(ask)), max(1, round(bid)), self.volume)


class Sales:
    """What sales in a row bring, each from where the one before it has left the price."""

    def __init__(self, quote: Quote, given: int = 0) -> None:
        self._prices = quote.bids(given)
        self._volume = quote.volume
        self._price = 0
        self._left = 0
        """Units that still go at that price."""

    def bring(self, units: int) -> int:
        """Add up what the next units bring."""
        total = 0
        while units > 0:
            if not self._left:
                self._price, self._left = next(self._prices), self._volume
            lot = min(units, self._left)
            total += lot * self._price
            units, self._left = units - lot, self._left - lot
        return total


def _total(units: int, volume: int, prices: Iterator[int]) -> int:
    total = 0
    while units > 0:
        lot = min(units, volume)
        total += lot * next(prices)
        units -= lot
    return total
