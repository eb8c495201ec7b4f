"""Markets as they stand at a moment: copies that were moved on in time, and what is asked there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.remembered import Remembered
from fleet.simulator.rules import economy
from fleet.simulator.rules.prices import prices, supply_label
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import Market, MarketGood
from fleet.simulator.world.world import World

MOST_LINKS = 4_000
"""Markets of which is known what throttles what, at some 2 kB each."""

MOST_QUOTES = 2_000
"""States of goods, at some 700 bytes each: every deal, and every quarter of an hour, brings new
ones."""

Links = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a good costs in a state, and how that was last shown."""

    label: str
    ask: int
    bid: int
    rows: dict[tuple[str, str | None], msgspec.Raw] = field(default_factory=dict)
    """How it looks on the market's list, by its symbol and activity."""


@dataclass(slots=True)
class Markets:
    """A cache that can be thrown away at any time; lives in the simulator's thread."""

    catalogue: Catalogue
    _seen: dict[str, Market] = field(default_factory=dict)
    _links: Remembered[str, Links] = field(default_factory=lambda: Remembered(MOST_LINKS))
    _quotes: Remembered[tuple[str, float, int, int, int], Quote] = field(
        default_factory=lambda: Remembered(MOST_QUOTES)
    )

    def at(self, world: World, waypoint: str, now: GameTime) -> Market:
        """Show a market as it stands now, without changing the world."""
        kept = world.markets[waypoint]
        if kept.tick is None or kept.tick >= economy.tick_at(now):
            return kept
        seen = self._seen.get(waypoint)
        if seen is None:
            seen = self._seen[waypoint] = kept.copy()
        self._move(world, seen, now)
        return seen

    def commit(self, world: World, waypoint: str, now: GameTime) -> Market:
        """Move the world's own market on to now; only commands may."""
        self._seen.pop(waypoint, None)
        market = world.markets[waypoint]
        self._move(world, market, now)
        return market

    def links(self, market: Market) -> Links:
        """Tell which goods of a market throttle each other; that never changes."""
        known = self._links.get(market.waypoint)
        if known is None:
            found = economy.links(market, self.catalogue.goods)
            known = self._links.keep(market.waypoint, found)
        return known

    def quote(self, good: MarketGood, tick: int, rules: Rules) -> Quote:
        """Tell what a good costs at a tick up to which its market was moved."""
        net = math.floor(economy.net_at(good, tick, rules))
        key = (good.role, good.base, good.margin, good.volume, net)
        known = self._quotes.get(key)
        if known is None:
            s = net / good.volume
            quote = Quote(supply_label(s), *prices(good.role, good.base, good.margin, s))
            known = self._quotes.keep(key, quote)
        return known

    def _move(self, world: World, market: Market, now: GameTime) -> None:
        economy.catch_up(
            market, now, seed=world.seed, goods=self.catalogue.goods, rules=world.rules
        )
