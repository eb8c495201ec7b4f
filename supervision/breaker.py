"""A circuit breaker: while a dependency is down, nobody waits for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum

from fleet.protocol.clock import Monotonic


class BreakerState(Enum):
    """Where the breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When it opens and when it tries again; wall seconds."""

    failures: int = 5
    """Consecutive failures that open it. Hangs count; 429 and refusals don't."""

    reset: float = 2.0
    """Until the first trial; doubles with each trial that fails."""

    most: float = 60.0
    permit: float = 30.0
    """A trial that has not come back after this is taken for failed."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make one call.

    Its result counts once, and only as long as the breaker has not opened since.
    """

    number: int


class CircuitBreaker:
    """Closed, open, half-open with exactly one expiring permit. Any thread; never held across a
    call.
    """

    def __init__(self, settings: BreakerSettings | None = None) -> None:
        self._settings = settings or BreakerSettings()
        self._lock = threading.Lock()
        self._failures = 0
        self._opened: Monotonic | None = None
        self._reset = self._settings.reset
        self._trial: tuple[int, Monotonic] | None = None
        self._number = 0
        self._out: set[int] = set()
        """Permits given while closed whose calls have not come back."""

    def allow(self, now: Monotonic) -> Permit | None:
        """Give a permit for one call, or None while the dependency is taken for down."""
        with self._lock:
            self._expire(now)
            if self._opened is None:
                self._number += 1
                self._out.add(self._number)
                return Permit(self._number)
            if self._trial is not None or now < self._opened + self._reset:
                return None
            self._number += 1
            self._trial = (self._number, now)
            return Permit(self._number)

    def succeeded(self, permit: Permit) -> bool:
        """Take note of an answer; say whether this closed the breaker."""
        with self._lock:
            if self._opened is None:
                # A call that was given up as hung may still come back: it has been counted.
                if permit.number in self._out:
                    self._out.discard(permit.number)
                    self._failures = 0
                return False
            if self._trial is None or self._trial[0] != permit.number:
                return False
            self._opened, self._trial, self._failures = None, None, 0
            self._reset = self._settings.reset
            return True

    def failed(self, permit: Permit, now: Monotonic) -> bool:
        """Take note of a failure or hang; say whether this opened the breaker (again)."""
        with self._lock:
            self._expire(now)
            if self._opened is not None:
                if self._trial is None or self._trial[0] != permit.number:
                    return False
                self._reopen(now)
                return True
            if permit.number not in self._out:
                return False
            self._out.discard(permit.number)
            self._failures += 1
            if self._failures < self._settings.failures:
                return False
            self._opened = now
            self._out.clear()
            return True

    def state(self, now: Monotonic) -> BreakerState:
        """Tell where the breaker stands."""
        with self._lock:
            self._expire(now)
            if self._opened is None:
                return BreakerState.CLOSED
            waiting = self._trial is None and now < self._opened + self._reset
            return BreakerState.OPEN if waiting else BreakerState.HALF_OPEN

    def retry_in(self, now: Monotonic) -> float:
        """Tell the wall seconds until a permit may be given; 0 when one may be given now.

        While a trial is out, that is when it would be taken for failed and tried again.
        """
        with self._lock:
            self._expire(now)
            if self._opened is None:
                return 0.0
            if self._trial is not None:
                expires = self._trial[1] + self._settings.permit
                return max(0.0, expires + self._longer() - now)
            return max(0.0, self._opened + self._reset - now)

    def _expire(self, now: Monotonic) -> None:
        """Take a trial that is overdue for failed at the moment when it was due."""
        if self._trial is None:
            return
        due = Monotonic(self._trial[1] + self._settings.permit)
        if now >= due:
            self._reopen(due)

    def _reopen(self, now: Monotonic) -> None:
        self._opened, self._trial, self._reset = now, None, self._longer()

    def _longer(self) -> float:
        return max(self._reset, min(self._settings.most, self._reset * 2))
