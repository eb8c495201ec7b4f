"""The price curve: from hidden supply to what is asked and bid.

Fitted on some 900 real (ask, bid) pairs of five systems, all reproduced within rounding; three
independent players found the same form. `s` is net supply in trade volumes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from fleet.simulator.world.market import MarketGood, Role

DILATION = 0.3
EXCHANGE_CUBIC = 0.4

SUPPLY_EDGES = ((4.0, "ABUNDANT"), (2.0, "HIGH"))


def half_up(value: float) -> int:
    """Round as the server does: halves go up."""
    return math.floor(value + 0.5)


def export_value(base: float, margin: int, s: float) -> float:
    """Value of an exported good before rounding."""
    return base * (1 + (4 * 2 ** (-DILATION * s) - 5) * margin / 100)


def import_value(base: float, margin: int, s: float) -> float:
    """Value of an imported good before rounding."""
    return base * (1 + (5 - 4 * 2 ** (DILATION * s)) * margin / 100)


def exchange_value(base: float, s: float) -> float:
    """Value of an exchanged good before its margin and rounding."""
    return base * (1 - EXCHANGE_CUBIC * s**3 / 1000)


def prices(role: Role, base: float, margin: int, s: float) -> tuple[int, int]:
    """Tell (ask, bid): what one unit costs, and what one fetches. Never below one credit.

    Buying an import costs twice its value and selling an export pays half; the spread on the
    good side comes from a shift by one trade volume.
    """
    if role == "EXPORT":
        ask = half_up(export_value(base, margin, s))
        bid = half_up(half_up(export_value(base, margin, s + 1)) / 2)
    elif role == "IMPORT":
        bid = half_up(import_value(base, margin, s))
        ask = 2 * max(1, half_up(import_value(base, margin, s - 1)))
    else:
        spread = max(2, half_up(base / 100))
        ask = half_up(exchange_value(base, s - 1) + spread)
        bid = half_up(exchange_value(base, s + 1) - spread)
    return max(1, ask), max(1, bid)


def supply_label(s: float) -> str:
    """Name the supply; the edges sit exactly on 2 and 4 trade volumes (observed).

    On an edge the fuller name holds: real imports at exactly -2 and -4 are MODERATE and LIMITED.
    """
    for edge, label in SUPPLY_EDGES:
        if s >= edge:
            return label
    if s < -4:
        return "SCARCE"
    return "LIMITED" if s < -2 else "MODERATE"


def supply_of(good: MarketGood, net: float) -> float:
    """Tell the supply in trade volumes that prices and labels follow."""
    return math.floor(net) / good.volume


def margin_centre(volume: int) -> int:
    """Usual margin for a trade volume; real ones scatter by one (fitted)."""
    return 10 if volume < 10 else 8


def solve(role: Role, base: float, volume: int, ask: int, bid: int, supply: str) -> tuple[int, int]:
    """Find the (margin, net) whose prices come nearest to a captured pair.

    Cheap goods fit many: the supply label and then the usual margin decide.
    """
    centre = margin_centre(volume)

    def misfit(candidate: tuple[int, int]) -> tuple[float, bool, int, float]:
        margin, net = candidate
        s = net / volume
        found = prices(role, base, margin, s)
        off = abs(found[0] - ask) / ask + abs(found[1] - bid) / bid
        return (off, supply_label(s) != supply, abs(margin - centre), abs(s))

    return min(candidates(role, base, volume, ask, bid), key=misfit)


def candidates(
    role: Role, base: float, volume: int, ask: int, bid: int
) -> Iterator[tuple[int, int]]:
    """List plausible (margin, net): the curve inverted at both prices, with neighbours."""
    margins = range(3, 15) if role != "EXCHANGE" else range(margin_centre(volume), 15, 100)
    for margin in margins:
        for s in inverted(role, base, margin, ask, bid):
            around = half_up(max(-130.0, min(130.0, s)) * volume)
            reach = max(3, volume // 8)
            yield from ((margin, net) for net in range(around - reach, around + reach + 1))


def inverted(role: Role, base: float, margin: int, ask: int, bid: int) -> tuple[float, ...]:
    """Solve the curve for `s` at the good-side price and at the other one."""
    if role == "EXCHANGE":
        return inverted_exchange(base, ask, bid)
    if role == "EXPORT":
        sides = ((ask, 0.0, -1.0), (2.0 * bid, -1.0, -1.0))
    else:
        sides = ((bid, 0.0, 1.0), (ask / 2, 1.0, 1.0))
    found = []
    for price, shift, sign in sides:
        swing = (price / base - 1) * 100 / margin
        power = (5 + swing) / 4 if role == "EXPORT" else (5 - swing) / 4
        found.append(shift + sign * math.log2(power) / DILATION if power > 0 else 9.0 * -sign)
    return tuple(found)


def inverted_exchange(base: float, ask: int, bid: int) -> tuple[float, ...]:
    """Solve the exchange's cubic at both prices; balance is a candidate, too."""
    spread = max(2, half_up(base / 100))
    sides = ((ask - spread, 1.0), (bid + spread, -1.0))
    found = [shift + cube_root((1 - at / base) * 1000 / EXCHANGE_CUBIC) for at, shift in sides]
    return (*found, 0.0)


def cube_root(value: float) -> float:
    """Take the real cube root, of either sign."""
    return math.copysign(abs(value) ** (1 / 3), value)
