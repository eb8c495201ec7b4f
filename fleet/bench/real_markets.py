"""The market model held against a captured real system: price pairs, and states of markets."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

import fleet
from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan
from fleet.protocol.clock import GameTime, from_iso
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rules import economy
from fleet.simulator.rules.prices import prices, solve, supply_label
from fleet.simulator.settings import Rules
from fleet.simulator.universe.captured import SeenTradeGood, exchange_base
from fleet.simulator.universe.stocking import RARE_CATEGORIES, start_good
from fleet.simulator.world.market import Market, MarketGood, Role

CAPTURED = "shared/real/starting_system_2025-04.json"
MISSING = f"put the captured system at {CAPTURED} beside the checkout"
SEEDS = 20
MARGINS = range(5, 14)
OFF_SHARE, OFF_CREDITS = 0.004, 2
DEAR = 1_000
BEGAN = GameTime(1_770_000_300.0)
ROLES: tuple[Role, ...] = ("IMPORT", "EXPORT")


class SeenTrade(msgspec.Struct, rename="camel"):
    """A transaction of a captured market."""

    trade_symbol: str
    timestamp: str


class SeenMarket(msgspec.Struct, rename="camel"):
    """A captured market with its prices and transactions."""

    symbol: str
    trade_goods: list[SeenTradeGood]
    transactions: list[SeenTrade]

    @property
    def awake(self) -> float:
        """Seconds from its first transaction to the one at which it was looked at."""
        times = sorted(from_iso(row.timestamp) for row in self.transactions)
        return times[-1] - times[0] if times else 0.0

    @property
    def touched(self) -> set[str]:
        """Goods that the captor has moved himself, but for fuel."""
        return {row.trade_symbol for row in self.transactions} - {"FUEL"}


class Document(msgspec.Struct):
    """The part of a captured file that is about markets."""

    marketplaces: list[SeenMarket]


class Fit(NamedTuple):
    """A good of a captured market, and the hidden state that its prices tell."""

    seen: SeenTradeGood
    base: float
    margin: int
    net: int
    off: float
    """How far its prices are from those of that state, as a share."""

    credits: int
    """The same in credits."""


def captured() -> list[SeenMarket] | None:
    """Read the captured markets; None where the file is not there."""
    path = Path(fleet.__file__).resolve().parents[2] / CAPTURED
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Document).marketplaces


def fit(seen: SeenTradeGood, catalogue: Catalogue) -> Fit:
    """Find the hidden state of a captured good."""
    base = float(catalogue.goods[seen.symbol].base)
    if seen.type == "EXCHANGE":
        base = exchange_base(base, (seen.purchase_price + seen.sell_price) / 2)
    margin, net = solve(
        seen.type, base, seen.trade_volume, seen.purchase_price, seen.sell_price, seen.supply
    )
    ask, bid = prices(seen.type, base, margin, net / seen.trade_volume)
    misses = ((ask, seen.purchase_price), (bid, seen.sell_price))
    off = max(abs(made - real) / real for made, real in misses)
    return Fit(seen, base, margin, net, off, max(abs(made - real) for made, real in misses))


def price_pairs(plan: Plan) -> Iterator[Figure]:
    """Reproduce every captured price pair by the curve."""
    markets = captured()
    name = "price pairs (ask, bid) of a real system within 0.4 % or 2 credits"
    if markets is None:
        yield Figure(name, None, "", at_least(1.0), why=MISSING)
        return
    catalogue = Catalogue()
    fits = [fit(seen, catalogue) for market in markets for seen in market.trade_goods]
    plan.say(f"{len(fits)} price pairs")
    good = [
        row.off <= OFF_SHARE or row.credits <= OFF_CREDITS
        for row in fits
        if row.seen.type == "EXCHANGE" or row.margin in MARGINS
    ]
    yield Figure(f"{name}, M in 5..13, net whole", sum(good) / len(fits), "", at_least(1.0))
    dear = [row for row in fits if row.base >= DEAR]
    same = sum(supply_label(row.net / row.seen.trade_volume) == row.seen.supply for row in dear)
    yield Figure(
        "supply labels of a real system where base >= 1000", same / len(dear), "", at_least(0.95)
    )


def market_states(_plan: Plan) -> Iterator[Figure]:
    """Hold markets some hours after their first trade against the captured ones."""
    markets = captured()
    catalogue, rules = Catalogue(), Rules()
    for role in ROLES:
        name = f"states of {role.lower()}s 0 to 4 h after the first trade, {SEEDS} seeds"
        if markets is None:
            yield Figure(name, None, "", at_most(0.2), why=MISSING)
            continue
        seen = [row for market in markets for row in comparable(market, role, catalogue)]
        real = [fit(row, catalogue).net / row.trade_volume for row in seen]
        made = [
            good.net // 1 / good.volume
            for seed in range(1, SEEDS + 1)
            for market in markets
            for good in aged(market, role, catalogue, rules, seed)
        ]
        yield Figure(f"{name}: KS distance", ks_distance(real, made), "", at_most(0.2))
        apart = share_distance([row.supply for row in seen], [supply_label(s) for s in made])
        yield Figure(f"{name}: distance of label shares", apart, "", at_most(0.15))


def comparable(market: SeenMarket, role: Role, catalogue: Catalogue) -> list[SeenTradeGood]:
    """List the goods of a role that only time has moved, and whose state their prices tell."""
    return [
        seen
        for seen in market.trade_goods
        if seen.type == role
        and seen.symbol not in market.touched
        and not (
            catalogue.goods[seen.symbol].category in RARE_CATEGORIES and seen.trade_volume <= 6
        )
    ]


def aged(
    market: SeenMarket, role: Role, catalogue: Catalogue, rules: Rules, seed: int
) -> list[MarketGood]:
    """Make a market as the model has it, and let it grow as old as the real one is."""
    rng = random.Random(f"{seed}:{market.symbol}")
    goods = {row.symbol: fresh(row, catalogue, rules, rng) for row in market.trade_goods}
    made = Market(market.symbol, goods)
    economy.trade(made, "FUEL", 1, BEGAN, rules)
    until = GameTime(BEGAN + market.awake)
    economy.catch_up(made, until, seed=seed, goods=catalogue.goods, rules=rules)
    return [made.goods[seen.symbol] for seen in comparable(market, role, catalogue)]


def fresh(
    seen: SeenTradeGood, catalogue: Catalogue, rules: Rules, rng: random.Random
) -> MarketGood:
    """Draw the start of a good with the volume that the real one has."""
    good = catalogue.goods[seen.symbol]
    volume = seen.trade_volume
    return start_good(seen.symbol, seen.type, good.base, volume, good.category, rules, rng)


def ks_distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Tell the greatest difference between two distributions (Kolmogorov and Smirnov)."""
    first, second = sorted(one), sorted(other)
    return max(
        abs(bisect_right(first, x) / len(first) - bisect_right(second, x) / len(second))
        for x in (*first, *second)
    )


def share_distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Tell half the sum of the differences between the shares of labels."""
    shares = [
        {label: count / len(row) for label, count in Counter(row).items()} for row in (one, other)
    ]
    labels = {label for row in shares for label in row}
    return sum(abs(shares[0].get(label, 0) - shares[1].get(label, 0)) for label in labels) / 2
