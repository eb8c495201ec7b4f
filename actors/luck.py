"""How long each trader has found no trade: the longer, the less one must bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import LEAST_RATE

HALVES: Final = 5_400.0
"""Game seconds after which a trip must bring half of what it had to: where there are more ships
than trades those that stand far off come too late for each, and would wait for ever."""

LEAST: Final = 0.25
"""Credits per game second below which a trip does not pay for its fuel."""


@dataclass(slots=True)
class Luck:
    """A small part of the conductor, in its thread; its incarnations share it."""

    _found: dict[str, GameTime] = field(default_factory=dict)
    """By ship, when its last trade ended, or when it first looked for one."""

    def found(self, ship: str, now: GameTime) -> None:
        """Take note that a trade has come to its end."""
        self._found[ship] = now

    def least(self, ship: str, now: GameTime) -> float:
        """Tell the credits per game second that the next trip of a ship must bring."""
        waited = now - self._found.setdefault(ship, now)
        halvings = int(waited // HALVES)
        return max(LEAST, LEAST_RATE * 0.5**halvings)
