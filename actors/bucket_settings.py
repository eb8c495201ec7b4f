"""How the bucket works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fleet.actors.lane_policy import LanePolicy, Turns
from fleet.actors.limiter import Limiter
from fleet.actors.saturation import SaturationSettings
from fleet.supervision.breaker import BreakerSettings

SLOW: Final = 8.0
"""Wall seconds after which an answer counts as a failure of its group, though it came: just before
a worker gives it up. Workers are few, and each was away for as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSettings:
    """How the bucket works; the factories are called for each incarnation."""

    workers: tuple[str, ...]
    """Paths of the API workers. Start the bucket first: they announce themselves."""

    writer: str | None = None
    """Path of the database writer, for the figures of each minute."""

    auditor: str | None = None
    """Path of the auditor, who is told when a mutating request ends without an answer."""

    epoch: int | None = None
    """Number of this process, for the rows of requests whose worker died; without it none."""

    bound: int = 10_000
    """Most requests that wait; more are answered Overloaded."""

    attempts: int = 5
    """So many answers of a broken server end a request that may be the cause itself."""

    ahead: float = 0.0
    """Give a request to a worker up to so many game seconds before it may be sent; the worker
    waits. Set it together with the workers' `wait_until`."""

    used_before: bool = False
    """Whether requests were sent past the bucket just before it starts, as a boot does: then it
    takes the allowance of the first minute's burst for used."""

    report_timeout: float = 30.0
    """Wall seconds for a worker's report to a replaced bucket; above a worker's budget."""

    trial: float = 3.0
    """Wall seconds of silence after which a request is given up that tries whether something is
    back: it holds a worker, and most of them find out that it is not."""

    limiter: Callable[[], Limiter] = Limiter
    policy: Callable[[], LanePolicy] = Turns
    saturation: SaturationSettings = field(default_factory=SaturationSettings)
    breaker: BreakerSettings = field(default_factory=partial(BreakerSettings, slow=SLOW))
