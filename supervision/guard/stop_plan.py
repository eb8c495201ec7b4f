"""In which order and by when the processes are stopped: pure arithmetic on stop orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

KILL_MARGIN: Final = 0.2
"""Wall seconds at the end that are kept for the last kill and its reaping."""

RESERVE: Final = 0.25
"""Wall seconds kept for each later stage; the earlier ones (the runtime) may use the rest."""


class StopPlan:
    """Stages of one stop, each with the moment at which patience with it ends."""

    def __init__(self, orders: Iterable[int], *, now: float, within: float) -> None:
        """Plan to stop these orders, lowest first, within so many wall seconds in all."""
        self._orders = sorted(set(orders))
        self._stage = 0
        usable = max(0.0, within - min(KILL_MARGIN, within / 4))
        self._end = now + usable
        self._reserve = min(RESERVE, usable / max(1, len(self._orders)))

    @property
    def order(self) -> int | None:
        """The stop order whose processes are to end now; None when all are through."""
        return self._orders[self._stage] if self._stage < len(self._orders) else None

    @property
    def deadline(self) -> float:
        """Monotonic moment at which what remains of the present stage is killed."""
        return self._end - self._reserve * max(0, len(self._orders) - 1 - self._stage)

    def advance(self) -> None:
        """Go on to the next stage."""
        self._stage += 1
