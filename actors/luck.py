"""How long each trader has found no trade: the longer, the less one must bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import LEAST_RATE, AnyTask, FulfilContract, TradeBestRoute

HALVES: Final = 5_400.0
"""Game seconds after which a trip must bring half of what it had to: where there are more ships
than trades those that stand far off come too late for each, and would wait for ever."""

LEAST: Final = 0.25
"""Credits per game second below which a trip does not pay for its fuel."""

PAID: Final = ("done", "fulfilled")
"""How a trip and a contract end that have paid."""


@dataclass(slots=True)
class Luck:
    """A small part of the conductor, in its thread; its incarnations share it."""

    _found: dict[str, GameTime] = field(default_factory=dict)
    """By ship, when its last trade ended, or when it first looked for one."""

    def ended(self, ship: str, task: AnyTask | None, outcome: str, now: GameTime) -> None:
        """Take note of how a task ended: a trip that was made, or a contract, is luck."""
        if isinstance(task, TradeBestRoute | FulfilContract) and outcome in PAID:
            self._found[ship] = now

    def least(self, ship: str, now: GameTime) -> float:
        """Tell the credits per game second that the next trip of a ship must bring."""
        waited = now - self._found.setdefault(ship, now)
        halvings = int(waited // HALVES)
        return max(LEAST, LEAST_RATE * 0.5**halvings)
