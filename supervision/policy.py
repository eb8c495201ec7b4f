"""The decision on a child that went down, as a plain function of its record."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from fleet.protocol.clock import Monotonic
from fleet.runtime import Down
from fleet.supervision.spec import Backoff, ChildSpec, Exceeded, Intensity


class Directive(Enum):
    """What is done about a child that went down."""

    RESTART = "restart"
    QUARANTINE = "quarantine"
    ESCALATE = "escalate"
    """Its supervisor is to fail."""

    FORGET = "forget"
    """It is not to run again."""


@dataclass(slots=True)
class Record:
    """What a supervisor remembers about one child."""

    spec: ChildSpec
    started: Monotonic
    restarts: deque[Monotonic] = field(default_factory=deque)
    quarantines: int = 0
    reason: str | None = "sibling"
    """Why its next incarnation starts; None for the first one."""

    backoff: float = 0.0
    """Wall seconds that its restart was put off."""

    def restarts_within(self, now: Monotonic, within: float) -> int:
        """Count the restarts of the last `within` seconds."""
        while self.restarts and self.restarts[0] <= now - within:
            self.restarts.popleft()
        return len(self.restarts)


@dataclass(frozen=True, slots=True)
class Decision:
    """A directive and how many wall seconds to wait before it is carried out."""

    directive: Directive
    delay: float = 0.0


def decide(
    record: Record,
    down: Down,
    now: Monotonic,
    *,
    intensity: Intensity,
    backoff: Backoff,
    quarantine: float,
    rng: random.Random,
    on_exceeded: Exceeded = "quarantine",
) -> Decision:
    """Decide on one death and write a granted restart into the record.

    The first restart in the window is immediate, the next ones wait a random part of a delay
    that doubles (full jitter); one restart too many is a quarantine, tried again later, or
    the failure of the supervisor.
    """
    restart = record.spec.restart
    if down.permanent or restart == "temporary":
        return Decision(Directive.FORGET)
    if restart == "transient" and down.reason == "normal":
        return Decision(Directive.FORGET)
    if now - record.started >= backoff.reset_after:
        record.restarts.clear()
        record.quarantines = 0
    recent = record.restarts_within(now, intensity.within)
    if recent >= intensity.restarts:
        if on_exceeded == "escalate":
            return Decision(Directive.ESCALATE)
        record.restarts.clear()
        delay = quarantine * min(2 ** min(record.quarantines, 10), 10)
        record.quarantines += 1
        return Decision(Directive.QUARANTINE, delay)
    record.restarts.append(now)
    # A thousand restarts in the window would make a number that no float holds.
    doublings = min(max(0, recent - 1), 60)
    ceiling = min(backoff.most, backoff.least * 2**doublings)
    return Decision(Directive.RESTART, rng.uniform(0, ceiling) if recent else 0.0)
