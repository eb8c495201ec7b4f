"""What the bucket publishes when requests wait too long; the conductor scales the fleet on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fleet.protocol.api import Lane


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell the sender from now on when a lane is saturated or relieved; the last state at once."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True)
class Saturated:
    """Requests of a lane wait beyond their target.

    Said when it begins, and again each time it has lasted another period, so that whoever
    scales can see whether what it did was enough.
    """

    redeliver: ClassVar[str] = "once"

    lane: Lane
    wait: float
    """Median wait of the latest requests of the lane, in game seconds."""

    demand: float
    """Requests that came per request that was sent, over the last period; 1 is balance."""

    beyond: float = 0.0
    """So many more requests wait than if they waited as long as they may. A ship waits with one
    request at a time and asks less the longer it waits: `demand` does not tell of those."""


@dataclass(frozen=True, slots=True)
class Relieved:
    """Requests of a lane have waited well below their target for a while.

    Said when it begins, and again each time it has lasted another period.
    """

    redeliver: ClassVar[str] = "once"

    lane: Lane
    wait: float
    """Median wait of the latest requests of the lane, in game seconds."""
