"""How short memory is, and what is done about it: never the end of the process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from fleet.supervision.resources.limits import ResourceLimits

Level = Literal["normal", "warn", "emergency", "critical"]
LEVELS: Final[tuple[Level, ...]] = ("normal", "warn", "emergency", "critical")

RELIEF: Final = 0.95
"""A level is left when memory has fallen below this part of its threshold."""

Shed = Callable[[bool], None]
"""Stops taking on new work, or begins again; called in the sampler's thread."""


class Pressure:
    """Turns resident sizes into levels; for one thread."""

    def __init__(self, limits: ResourceLimits) -> None:
        """Begin without pressure."""
        self._thresholds = (0, limits.warn, limits.emergency, limits.critical)
        self.level: Level = "normal"

    def take(self, rss: int) -> Level | None:
        """Take a size in bytes; tell the level if it has changed."""
        now = LEVELS.index(self.level)
        reached = max(n for n, least in enumerate(self._thresholds) if rss >= least)
        lingers = reached < now and rss >= self._thresholds[now] * RELIEF
        if reached == now or lingers:
            return None
        self.level = LEVELS[reached]
        return self.level
