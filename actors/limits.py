"""What the server allows, and the constants that follow from how it tells so."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.clock import GameTime

NEVER = GameTime(float("-inf"))
FOREVER = GameTime(float("inf"))

SAME = 0.0015
"""Two ends of a window closer than this are one: the headers tell milliseconds."""

TICK = 0.001
"""What the headers cut off the end of a window."""

GRAIN = 1e-5
"""Waits shorter than this are none: seconds since 1970 in a float are no finer than 1e-7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The server's allowance (official)."""

    points: int = 2
    seconds: float = 1.0
    burst: int = 30
    burst_seconds: float = 60.0

    @property
    def per_minute(self) -> int:
        """Most requests in a minute."""
        return round(self.points * 60 / self.seconds + self.burst * 60 / self.burst_seconds)
