"""One measured figure and what it is to reach."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Of = Literal["value", "ratio"]


@dataclass(frozen=True, slots=True)
class Reach:
    """A threshold for a figure's value, or for its ratio to what it was paired with."""

    low: float = -math.inf
    high: float = math.inf
    of: Of = "value"

    def met_by(self, measured: float | None) -> bool:
        """Say whether a measured number is within; one that is missing or NaN is not."""
        return measured is not None and self.low <= measured <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            text = f"= {self.low:g}"
        elif self.high == math.inf:
            text = f">= {self.low:g}"
        elif self.low == -math.inf:
            text = f"<= {self.high:g}"
        else:
            text = f"{self.low:g} to {self.high:g}"
        return text if self.of == "value" else f"{text} (ratio)"


def at_least(low: float, *, of: Of = "value") -> Reach:
    """Ask for no less."""
    return Reach(low=low, of=of)


def at_most(high: float, *, of: Of = "value") -> Reach:
    """Ask for no more."""
    return Reach(high=high, of=of)


def within(low: float, high: float, *, of: Of = "value") -> Reach:
    """Ask for something between two numbers, which may be equal."""
    return Reach(low, high, of)


@dataclass(frozen=True, slots=True)
class Figure:
    """A median with its spread; `ok` only when it was measured as it should be, and is reached."""

    name: str
    """Says what was measured, with scenario and limits where there are any."""

    value: float | None
    """None when it could not be measured; `why` tells the reason then."""

    unit: str
    reach: Reach | None = None
    """None for a figure that is only information."""

    spread: tuple[float, float] | None = None
    """Least and most of the runs."""

    runs: int = 1
    paired_with: str = ""
    """What was measured in the same run, interleaved."""

    ratio: float | None = None
    """Value by that of what it was paired with."""

    bound: bool = False
    """Whether it is what the figure before it cannot come below, with this code and machine."""

    why: str = ""
    """What precondition failed; such a figure is not ok."""

    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        reach = self.reach
        measured = self.ratio if reach is not None and reach.of == "ratio" else self.value
        good = not self.why and (reach is None or reach.met_by(measured))
        object.__setattr__(self, "ok", good)
