"""Stocks fresh markets and shipyards, and gives rocks their traits."""

from __future__ import annotations

import random

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rules import digging
from fleet.simulator.rules.economy import SHIP_MATERIALS, draw_margin
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import Listing, MarketGood, Role

RARE_STOCK = (80, 121)
SHIP_MATERIAL_STOCK = (60, 75)
RARE_CATEGORIES = ("rare", "advanced")
MOST_FRESH_EXPORT = 5.5
LEAST_FRESH_EXPORT = -2.0


def stock(
    role: str, catalogue: Catalogue, rules: Rules, rng: random.Random
) -> dict[str, MarketGood]:
    """Draw the goods of a fresh market that plays a role in the layout of starting systems."""
    return {
        symbol: start_good(
            symbol, as_role(kind), base, volume, catalogue.goods[symbol].category, rules, rng
        )
        for symbol, kind, volume, base in catalogue.starting_system.markets.get(role, ())
    }


def as_role(kind: str) -> Role:
    """Read a role from the layout."""
    return "EXPORT" if kind == "EXPORT" else "IMPORT" if kind == "IMPORT" else "EXCHANGE"


def start_good(
    symbol: str,
    role: Role,
    base: float,
    volume: int,
    category: str,
    rules: Rules,
    rng: random.Random,
) -> MarketGood:
    """Draw the state of a good at a market that nobody has traded with yet.

    Means and spreads are fitted on untouched real markets; rarities stand far out and still.
    """
    margin = draw_margin(volume, rng.random())
    mean, spread = {
        "EXPORT": rules.export_start,
        "IMPORT": rules.import_start,
        "EXCHANGE": rules.exchange_start,
    }[role]
    s = rng.gauss(mean, spread)
    rare = category in RARE_CATEGORIES and volume <= 6
    if role == "EXPORT":
        net = half_up(max(LEAST_FRESH_EXPORT, min(MOST_FRESH_EXPORT, s)) * volume)
    elif role == "IMPORT":
        net = half_up(max(-MOST_FRESH_EXPORT, min(-LEAST_FRESH_EXPORT, s)) * volume)
    else:
        net = half_up(s * volume)
    if rare and role != "EXCHANGE":
        net = rng.randint(*RARE_STOCK) * (1 if role == "EXPORT" else -1)
    elif symbol in SHIP_MATERIALS and role == "EXPORT":
        net = rng.randint(*SHIP_MATERIAL_STOCK)
    return MarketGood(symbol, role, float(base), margin, volume, float(net), still=rare)


def listings(
    types: tuple[str, ...], catalogue: Catalogue, rules: Rules, rng: random.Random
) -> dict[str, Listing]:
    """Draw the start prices of a shipyard, by ship type."""
    spread = rules.ship_price_spread
    return {
        kind: Listing(kind, catalogue.ship_types[kind].price * rng.uniform(1 - spread, 1 + spread))
        for kind in types
    }


def rock_traits(catalogue: Catalogue, rng: random.Random) -> tuple[str, ...]:
    """Draw the traits of an asteroid; their shares are counted over 106 real ones."""
    shares = catalogue.yields
    main = digging.pick(shares.main_traits, rng)
    extra = [trait for trait, share in shares.extra_traits.items() if rng.random() < share]
    return (main, *extra)
