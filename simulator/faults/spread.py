"""How long something takes: a number that is drawn anew each time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from fleet.protocol.errors import UsageError

LAWS: dict[str, Callable[[random.Random, float, float], float]] = {
    "fixed": lambda _rng, mean, _second: mean,
    "uniform": lambda rng, low, high: rng.uniform(low, high),
    "normal": lambda rng, mean, deviation: rng.gauss(mean, deviation),
    "exp": lambda rng, mean, _: rng.expovariate(1 / mean) if mean else 0.0,
    "lognormal": lambda rng, median, sigma: (
        rng.lognormvariate(math.log(median), sigma) if median else 0.0
    ),
}
MOST = 10_000_000.0
"""Milliseconds that can be asked for."""

MOST_SIGMA = 5.0
FORMS = "200, 100..400, normal/200/50, exp/200 or lognormal/200/0.5"


@dataclass(frozen=True, slots=True)
class Spread:
    """A law with its two numbers."""

    law: str = "fixed"
    first: float = 0.0
    second: float = 0.0

    def draw(self, rng: random.Random) -> float:
        """Draw one value; never below zero."""
        return max(0.0, LAWS[self.law](rng, self.first, self.second))


def parse_spread(text: str) -> Spread:
    """Read one of the forms. Raises UsageError."""
    low, dots, high = text.partition("..")
    law, *numbers = ["uniform", low, high] if dots else text.split("/")
    if not dots and not numbers:
        law, numbers = "fixed", [text]
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        values = []
    wanted = 1 if law in ("fixed", "exp") else 2
    fine = law in LAWS and len(values) == wanted and all(0 <= value <= MOST for value in values)
    if not fine or (law == "lognormal" and values[1] > MOST_SIGMA):
        raise UsageError(f"'{text}' is no duration in milliseconds; give one such as {FORMS}.")
    return Spread(law, *values)
