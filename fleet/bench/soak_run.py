"""What was done to the fleet of a soak, and what was seen of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.bench.soak_memory import Look

MINUTES: Final = 60
"""Memory is compared from cycle to cycle, each with another runtime, and runtimes differ by chance:
each MB of that makes a standard error of 5 MB/h of the four cycles that half an hour leaves behind
the first ten minutes, and of 1.3 of the ten of an hour."""

SHIPS: Final = 200
SELLERS: Final = ("EXCAVATOR", "HAULER")
SELLING: Final = 140
"""Ships among them that have these roles; the conductor may buy more, of other roles too."""

SPEED: Final = 60.0
WORKERS: Final = 16
"""A request that is never answered holds its worker for ten seconds, and there are seventeen a
minute: of the usual four workers three would do nothing but wait."""


@dataclass(slots=True)
class Run:
    """One soak; filled in as it goes on."""

    minutes: int
    due: int = 0
    """Holds of the interpreter's lock that were to come, and as many kills of the writer."""

    taken: Counter[str] = field(default_factory=Counter)
    """Blows that the fleet has taken, by what they are called."""

    at_the_writer: int = 0
    """Blows of the even mix that hit the writer, beside the kills of it."""

    missed: int = 0
    """Times that nobody took one: the runtime was being started anew."""

    lasted: float = 0.0
    """Wall seconds until the last one was taken."""

    rss: list[Look] = field(default_factory=list)
    ships: dict[str, str] = field(default_factory=dict)
    """Roles of all ships, by symbol."""

    sold: set[str] = field(default_factory=set)
    silences: dict[str, float] = field(default_factory=dict)
    """Wall seconds of each ship's longest silence during the storm."""

    back: float | None = None
    """Wall seconds after the storm when each ship had answered; None: one has not."""

    summary: dict[str, Any] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    """Events of the log; those about a process with its name behind them."""

    @property
    def sellers(self) -> set[str]:
        """Name the miners and haulers."""
        return {symbol for symbol, role in self.ships.items() if role in SELLERS}
