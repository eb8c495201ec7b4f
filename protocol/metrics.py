"""What the request bucket tells about itself; the conductor scales on it, faces show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime


@dataclass(frozen=True, slots=True)
class BucketQuery:
    """Ask the bucket how it is; answered with BucketStatus."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStatus:
    """One lane; waits are game seconds from queueing to sending, of the latest requests."""

    lane: Lane
    queued: int
    sent: int
    """Requests sent from this lane since the bucket started."""

    wait_p50: float
    wait_p95: float
    wait_p99: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketStatus:
    """The bucket at one moment. Counts begin with the live incarnation."""

    at: GameTime
    lanes: tuple[LaneStatus, ...]
    """All lanes, first served first."""

    requests: int
    """Requests that were sent and came to an end, each attempt counted."""

    outcomes: Mapping[str, int]
    """The same by disposition, and how many ended as expired, withdrawn or coalesced."""

    share_last_minute: float
    """Requests not answered 429 in the last full game minute, as a share of the allowance."""

    share_saturated: float
    """The same over all saturated minutes; 0 when there was none."""

    saturated_minutes: int
    """Full game minutes in which requests waited throughout."""

    in_flight: int
    workers: int
    """Workers that live, as far as the bucket knows."""

    breaker: str
    """closed, open or half-open: the API as a whole."""

    breakers: Mapping[str, str] = field(default_factory=dict)
    """The same of each group of endpoints that is not closed, by its path."""

    seconds_per_request: float = 0.0
    """Game seconds from sending to the answer, on the average of the latest requests."""

    credits_per_request: float = 0.0
    """Credits that a request brought in, less costs, over the last game minutes."""

    by_operation: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Outcomes of each operation, by disposition."""

    saturated: tuple[Lane, ...] = ()
    """Lanes in which requests wait too long at present."""

    @property
    def queued(self) -> int:
        """Requests that wait, in all lanes."""
        return sum(lane.queued for lane in self.lanes)
