"""What contracts ask and pay."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fleet.simulator.catalogue import Good
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract asks for and pays, in units and credits."""

    units: int
    on_accepted: int
    on_fulfilled: int


def draw_terms(good: Good, volume: int, rules: Rules, rng: random.Random) -> Terms:
    """Draw the terms of a procurement contract.

    Ranges of pay, advance and units are observed over some 380 contracts; the law is guessed.
    """
    if volume <= 20:
        low, high = rules.contract_units_small
        units = max(1, half_up(volume * rng.uniform(low, high)))
    else:
        units = rng.randint(*rules.contract_units)
    raw = good.category.startswith("raw_")
    rate = rng.uniform(*(rules.contract_pay_raw if raw else rules.contract_pay))
    pay = half_up(units * good.base * rate)
    advance = half_up(pay * rng.uniform(*rules.contract_advance))
    return Terms(units, advance, pay - advance)
