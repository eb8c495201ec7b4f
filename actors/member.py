"""One ship as the conductor knows it."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import AnyTask, name_of
from fleet.protocol.wire.ship import Ship

# A task that ends within so many game seconds has done nothing.
QUICK = 1.0
# So many of them in a row, and the next one would end like that, too.
MOST_QUICK = 4
# How an outcome begins that tells of it.
NO_TRADE = "no trade"


@dataclass(slots=True)
class Member:
    """A ship, what it does, and what became of its last task."""

    ship: Ship
    task: AnyTask | None = None
    outcome: str = ""
    given: float = 0.0
    """Game time at which its task was given to it."""

    quick: int = 0
    """Tasks in a row that ended at once."""

    def works(self, ship: Ship, task: AnyTask) -> Member:
        """Tell what it is once it says what it does."""
        return Member(ship, task, self.outcome, self.given, self.quick)

    def ended(self, ship: Ship, outcome: str, now: GameTime) -> Member:
        """Tell what it is after its task ended."""
        quick = self.quick + 1 if now - self.given < QUICK else 0
        return Member(ship, None, outcome, self.given, quick)

    @property
    def tradeless(self) -> bool:
        """Whether its last task ended for want of a trade."""
        return self.outcome.startswith(NO_TRADE)

    @property
    def stuck(self) -> bool:
        """Whether giving it work again would only keep everybody busy."""
        return self.quick >= MOST_QUICK

    @property
    def behaviour(self) -> str:
        """Name what it does; empty for nothing."""
        return name_of(self.task) if self.task else ""
