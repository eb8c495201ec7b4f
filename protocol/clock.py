"""Three kinds of time, never mixed: the game's, the wall's and the monotonic clock's."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType, Protocol

GameTime = NewType("GameTime", float)
"""Seconds since the Unix epoch on the server's clock; runs at the simulator's speed."""

WallTime = NewType("WallTime", float)
"""Seconds since the Unix epoch on this machine's clock; for people and log lines only."""

Monotonic = NewType("Monotonic", float)
"""Seconds on this machine's steady clock; budgets, timeouts, backoff, heartbeats."""


class Clock(Protocol):
    """Tells all three times; the thread and the virtual dispatcher each have one."""

    def game(self) -> GameTime:
        """Tell the server's time; never steps back."""
        ...

    def wall(self) -> WallTime:
        """Tell this machine's civil time."""
        ...

    def monotonic(self) -> Monotonic:
        """Tell this machine's steady time."""
        ...


def to_iso(time: float) -> str:
    """Render a time as the API does: `2026-07-04T13:00:00.123Z`."""
    whole = datetime.fromtimestamp(time, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{whole.microsecond // 1000:03d}Z"


# Arrivals and ends of surveys are looked at again and again, nine times per request.
@lru_cache(maxsize=4_096)
def from_iso(text: str) -> float:
    """Read an ISO instant; one without an offset is taken as UTC. Raises ValueError."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
