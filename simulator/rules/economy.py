"""How markets move in time: sleeping until traded with, then a drift in exact ticks.

The model, its rates and its bounds are fitted on five real systems; how activity follows from
trade and when trade volumes grow is guessed (settings). A tick depends on the state, its number
and the seed alone, so the result doesn't depend on who looks how often.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import blake2b

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Good
from fleet.simulator.rules.prices import margin_centre, supply_label, supply_of
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import Market, MarketGood

TICK = 900.0
"""Seconds between ticks, on the absolute clock."""

SHIP_MATERIALS = ("SHIP_PARTS", "SHIP_PLATING")
SHIP_MATERIAL_STOP = 100

STEADY_PACE = 0.01


def tick_at(now: float) -> int:
    """Number of the last tick at a time."""
    return math.floor(now / TICK)


def chance(seed: int, waypoint: str, good: str, tick: int, purpose: str = "") -> float:
    """Draw a number in [0, 1) that belongs to a seed, a good at a market, and a tick."""
    key = f"{seed}:{waypoint}:{good}:{tick}:{purpose}".encode()
    return int.from_bytes(blake2b(key, digest_size=7).digest()) / 2**56


def net_at(good: MarketGood, tick: int, rules: Rules) -> float:
    """Tell the net supply; an exchanged good returns to balance by itself."""
    if good.role != "EXCHANGE" or tick <= good.anchor:
        return good.net
    half_lives = (tick - good.anchor) * TICK / rules.exchange_half_life
    return good.net * math.pow(0.5, half_lives)


def pace_at(good: MarketGood, now: float, rules: Rules) -> float:
    """Lots traded lately, decayed to a time."""
    if not good.pace:
        return 0.0
    return good.pace * math.exp(-max(0.0, now - good.paced) / (rules.activity_hours * 3600))


def labels(market: Market, tick: int, rules: Rules) -> dict[str, str]:
    """Name the supply of every good."""
    return {
        symbol: supply_label(supply_of(good, net_at(good, tick, rules)))
        for symbol, good in market.goods.items()
    }


def links(market: Market, goods: Mapping[str, Good]) -> dict[str, tuple[str, ...]]:
    """Tell what throttles each good of a market: its inputs there, or what it is an input of."""
    exports = [symbol for symbol, good in market.goods.items() if good.role == "EXPORT"]
    imports = {symbol for symbol, good in market.goods.items() if good.role == "IMPORT"}
    found = {
        symbol: tuple(row for row in goods[symbol].inputs if row in imports) for symbol in exports
    }
    for symbol in imports:
        found[symbol] = tuple(row for row in exports if symbol in goods[row].inputs)
    return found


def activity(
    good: MarketGood,
    named: Mapping[str, str],
    linked: Mapping[str, tuple[str, ...]],
    now: float,
    rules: Rules,
) -> str | None:
    """Name the activity; exchanged goods have none.

    An export is RESTRICTED while an input of it here is SCARCE, an import while all it feeds here
    are ABUNDANT: holds for 437 of 448 observed goods. The rest follows recent trade (guess).
    """
    if good.role == "EXCHANGE":
        return None
    if restricted(good, named, linked[good.symbol]):
        return "RESTRICTED"
    lots = pace_at(good, now, rules) / rules.activity_hours
    if lots < rules.growing_from:
        return "WEAK"
    return "GROWING" if lots < rules.strong_from else "STRONG"


def restricted(good: MarketGood, named: Mapping[str, str], linked: tuple[str, ...]) -> bool:
    """Whether a scarce input or full outputs throttle a good."""
    if not linked:
        return False
    found = [named[symbol] for symbol in linked]
    return "SCARCE" in found if good.role == "EXPORT" else set(found) == {"ABUNDANT"}


def catch_up(
    market: Market, now: GameTime, *, seed: int, goods: dict[str, Good], rules: Rules
) -> None:
    """Run every tick that has passed since the last one; a sleeping market stands still."""
    last = tick_at(now)
    if market.tick is None or market.tick >= last:
        return
    linked = links(market, goods)
    while market.tick < last:
        tick = market.tick + 1
        moved = run_tick(market, tick, linked, seed=seed, rules=rules)
        market.tick = tick
        if not moved and settled(market, tick * TICK, rules):
            market.tick = last


def settled(market: Market, now: float, rules: Rules) -> bool:
    """Whether recent trade is so far back that nothing can change any more."""
    return all(pace_at(good, now, rules) < STEADY_PACE for good in market.goods.values())


def run_tick(
    market: Market, tick: int, linked: Mapping[str, tuple[str, ...]], *, seed: int, rules: Rules
) -> bool:
    """Let a quarter of an hour pass; tell whether anything moved."""
    now = tick * TICK
    named = labels(market, tick, rules)
    active = {
        symbol: activity(good, named, linked, now, rules) for symbol, good in market.goods.items()
    }
    moved = False
    for symbol, good in market.goods.items():
        name = active[symbol]
        if name is None or good.still:
            continue
        if rules.background_traders:
            moved |= visited(good, market.waypoint, tick, seed, rules)
        lot = rules.market_rates[name] * good.volume
        h = chance(seed, market.waypoint, symbol, tick)
        lot = max(lot, rules.market_smallest_rate) * (TICK / 3600) * (0.5 + h)
        moved |= drift(good, lot, rules)
        if tick % 2 == 0 and name in ("GROWING", "STRONG"):
            moved |= grow(good, market.waypoint, tick, seed, rules)
    return moved


def visited(good: MarketGood, waypoint: str, tick: int, seed: int, rules: Rules) -> bool:
    """Let an unseen trader come by: he buys a lot of an export, or sells one of an import.

    He does so while the price is on the good side of the base. Captures show no trace of such
    traders, so the setting is usually 0.
    """
    if good.net >= 0 if good.role == "IMPORT" else good.net <= 0:
        return False
    if (
        chance(seed, waypoint, good.symbol, tick, "trader")
        >= rules.background_traders * TICK / 3600
    ):
        return False
    good.net += good.volume if good.role == "IMPORT" else -good.volume
    good.pace = pace_at(good, tick * TICK, rules) + 1
    good.paced = tick * TICK
    return True


def drift(good: MarketGood, lot: float, rules: Rules) -> bool:
    """Produce or consume one lot, unless the bound is reached (observed at 8 volumes)."""
    bound = rules.market_bound * good.volume
    if good.role == "IMPORT":
        if good.net <= -bound:
            return False
        good.net -= lot
        return True
    clamped = good.symbol in SHIP_MATERIALS and good.volume < 13
    stop = max(SHIP_MATERIAL_STOP, bound) if good.symbol in SHIP_MATERIALS else bound
    if good.net >= stop:
        return False
    good.net = min(good.net + lot, float(SHIP_MATERIAL_STOP)) if clamped else good.net + lot
    return True


def grow(good: MarketGood, waypoint: str, tick: int, seed: int, rules: Rules) -> bool:
    """Raise the trade volume of a good under heavy use, by the observed step."""
    s = supply_of(good, good.net)
    used = s <= -2 if good.role == "EXPORT" else s >= 2
    if not used or good.volume >= rules.volume_cap:
        return False
    good.volume = math.ceil(rules.volume_growth * good.volume)
    good.margin = draw_margin(good.volume, chance(seed, waypoint, good.symbol, tick, "margin"))
    return True


def draw_margin(volume: int, h: float) -> int:
    """Draw a margin: the usual one, or one beside it (fitted: 25, 50, 25 per cent)."""
    return margin_centre(volume) + (h >= 0.25) + (h >= 0.75) - 1


def trade(market: Market, symbol: str, units: int, now: GameTime, rules: Rules) -> None:
    """Take units from the market (or give it, if negative), and wake it.

    The caller has caught the market up. That it takes a transaction to wake one is observed.
    """
    good = market.goods[symbol]
    tick = tick_at(now)
    if market.tick is None:
        market.tick = tick
        for other in market.goods.values():
            other.anchor = tick
    good.net = net_at(good, tick, rules) - units
    good.anchor = tick
    good.pace = pace_at(good, now, rules) + abs(units) / good.volume
    good.paced = now
