"""A star as the galaxy's index knows it."""

from __future__ import annotations

import msgspec


class Star(msgspec.Struct, frozen=True):
    """A system before anybody has looked into it; coordinates are galactic."""

    symbol: str
    type: str
    x: int
    y: int
    gate: bool = False
    """Whether a jump gate stands there; a system without one has no waypoints (observed)."""

    building: bool = False
    """Whether its gate is still under construction when the world begins."""
