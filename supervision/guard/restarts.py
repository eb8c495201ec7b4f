"""Whether and when a process that ended is started again, as a function of its record."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum

from fleet.supervision.guard.spec import ProcessSpec


class Verdict(Enum):
    """What becomes of a process that ended."""

    RESTART = "restart"
    FORGET = "forget"
    """It is not to run again, as specified."""

    GIVE_UP = "give up"
    """It never gets ready."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the wall seconds to wait before a restart."""

    verdict: Verdict
    delay: float = 0.0


class Restarts:
    """Counts one process's restarts and failed starts."""

    def __init__(self, spec: ProcessSpec, rng: random.Random) -> None:
        """Start with a clean record."""
        self._spec = spec
        self._rng = rng
        self.count = 0
        """Restarts since it last ran stably."""

        self.failed_starts = 0
        """Starts in a row that ended before it was ready."""

    def decide(self, *, clean: bool, ready_for: float | None) -> Decision:
        """Decide after an end and note a granted restart.

        `clean` means exit code 0; `ready_for` is for how many seconds it was ready, None if
        it never was. The first restart is immediate; the next ones wait a random part of a
        delay that doubles (full jitter), until one runs stably.
        """
        restart = self._spec.restart
        if restart == "temporary" or (restart == "transient" and clean):
            return Decision(Verdict.FORGET)
        self.failed_starts = self.failed_starts + 1 if ready_for is None else 0
        if self.failed_starts >= self._spec.attempts:
            return Decision(Verdict.GIVE_UP)
        if ready_for is not None and ready_for >= self._spec.backoff.reset_after:
            self.count = 0
        self.count += 1
        return Decision(Verdict.RESTART, self._delay())

    def _delay(self) -> float:
        if self.count == 1:
            return 0.0
        backoff = self._spec.backoff
        # The exponent is bounded because 2.0 ** 1100 would not be a number any more.
        return self._rng.uniform(
            0, min(backoff.most, backoff.least * 2.0 ** min(self.count - 2, 64))
        )
