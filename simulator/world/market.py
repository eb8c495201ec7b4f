"""The hidden state of markets and shipyards."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["EXPORT", "IMPORT", "EXCHANGE"]

ASLEEP = 2**40
"""A tick that never comes: the anchor of goods whose market still sleeps."""


class MarketGood(msgspec.Struct):
    """One good at one market; prices follow from these numbers."""

    symbol: str
    role: Role
    base: float
    """Neutral price in credits."""

    margin: int
    """How far prices swing, in percent of the base."""

    volume: int
    """Trade volume: units per transaction at most."""

    net: float
    """Net supply in units; its whole part makes the price."""

    still: bool = False
    """A rarity whose supply doesn't drift."""

    pace: float = 0.0
    """Lots traded lately, decaying; as of `paced`."""

    paced: float = 0.0
    """Game time at which `pace` was set."""

    anchor: int = ASLEEP
    """Tick at which the net supply of an exchanged good was set; it decays from there."""


class Trade(msgspec.Struct, frozen=True):
    """A transaction as a market lists it."""

    ship: str
    good: str
    type: Literal["PURCHASE", "SELL"]
    units: int
    price: int
    at: float


class Market(msgspec.Struct):
    """A market; it stands still until it is first traded with."""

    waypoint: str
    goods: dict[str, MarketGood]
    tick: int | None = None
    """Last tick that has run; None while asleep."""

    trades: list[Trade] = []

    def copy(self) -> Market:
        """Make a copy whose goods may be moved on in time without touching this one."""
        goods = {symbol: msgspec.structs.replace(good) for symbol, good in self.goods.items()}
        return Market(self.waypoint, goods, self.tick, self.trades)


class Listing(msgspec.Struct):
    """A ship type at a shipyard."""

    type: str
    price: float
    """Price in credits while nothing has been bought lately."""

    bought: float = 0.0
    """Purchases not yet restocked, as of `at`."""

    at: float = 0.0


class ShipSale(msgspec.Struct, frozen=True):
    """A transaction as a shipyard lists it."""

    type: str
    agent: str
    price: int
    at: float


class Shipyard(msgspec.Struct):
    """A shipyard and what it sells."""

    waypoint: str
    listings: dict[str, Listing]
    fee: int
    sales: list[ShipSale] = []
