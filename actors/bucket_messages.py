"""What the bucket receives: requests, what workers tell, and what it tells itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.actors.experiment_messages import EndQuota, QuotaQuery, SetQuota
from fleet.protocol.api import ApiRequest, Finished, Withdraw, WorkerReady
from fleet.protocol.metrics import BucketQuery
from fleet.protocol.saturation import Watch
from fleet.runtime import Down, Held


@dataclass(frozen=True, slots=True)
class PermitDue:
    """The limiter or the breaker may let a request through now."""


@dataclass(frozen=True, slots=True)
class MinuteOver:
    """A game minute has ended."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A worker's report, or the failure of asking for it."""

    worker: str
    answer: Any


BucketMessage = (
    ApiRequest
    | Withdraw
    | Finished
    | WorkerReady
    | BucketQuery
    | Watch
    | SetQuota
    | EndQuota
    | QuotaQuery
    | Held
    | Down
    | PermitDue
    | MinuteOver
    | Reported
)
