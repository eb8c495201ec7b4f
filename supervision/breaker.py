"""A circuit breaker: while a dependency is down, nobody waits for it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum

from fleet.protocol.clock import Monotonic

CHANGES_KEPT = 64
"""Changes that are kept for whoever tells of them; the oldest go when nobody does."""


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
    """A call that has not come back after this is taken for failed."""

    slow: float | None = None
    """An answer that took longer than this is a failure; None takes any answer for good."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make one call.

    Its result counts once, and only as long as the breaker has not opened since.
    """

    number: int
    given: Monotonic


@dataclass(frozen=True, slots=True)
class Change:
    """The breaker opened, opened again, let its trial out, or closed."""

    target: str
    state: BreakerState
    retry_in: float = 0.0
    """Wall seconds to the next trial, when it opened."""

    failures: int = 0
    """Failures in a row that opened it; those of its trials count on."""


class CircuitBreaker:
    """Closed, open, half-open with exactly one expiring permit. Any thread; never held across a
    call.
    """

    def __init__(self, settings: BreakerSettings | None = None, *, target: str = "") -> None:
        self.target = target
        self._settings = settings or BreakerSettings()
        self._lock = threading.Lock()
        self._failures = 0
        self._opened: Monotonic | None = None
        self._reset = self._settings.reset
        self._trial: Permit | None = None
        self._number = 0
        self._out: dict[int, Permit] = {}
        """Permits given while closed whose calls have not come back, oldest first."""

        self._changes: deque[Change] = deque(maxlen=CHANGES_KEPT)

    def allow(self, now: Monotonic) -> Permit | None:
        """Give a permit for one call, or None while the dependency is taken for down."""
        with self._lock:
            self._expire(now)
            if not self._willing(now):
                return None
            self._number += 1
            permit = Permit(self._number, now)
            if self._opened is None:
                self._out[permit.number] = permit
            else:
                self._trial = permit
                self._note(BreakerState.HALF_OPEN)
            return permit

    def give_back(self, permit: Permit) -> None:
        """Take a permit back whose call was not made; the next one to ask may have it."""
        with self._lock:
            self._out.pop(permit.number, None)
            if self._trial == permit:
                self._trial = None

    def succeeded(self, permit: Permit, now: Monotonic) -> bool:
        """Take note of an answer; say whether it came in time, as a slow one is a failure."""
        with self._lock:
            self._expire(now)
            slow = self._settings.slow
            if slow is not None and now - permit.given > slow:
                self._fail(permit, now, 1)
                return False
            if self._trial == permit:
                self._opened, self._trial, self._failures = None, None, 0
                self._reset = self._settings.reset
                self._note(BreakerState.CLOSED)
            # A call that was given up as hung may still come back: it has been counted.
            elif self._out.pop(permit.number, None) is not None:
                self._failures = 0
            return True

    def failed(self, permit: Permit, now: Monotonic, *, weight: int = 1) -> None:
        """Take note of a failure or hang; it counts as so many."""
        with self._lock:
            self._expire(now)
            self._fail(permit, now, weight)

    def orphan(self, now: Monotonic, *, failed: bool) -> None:
        """Judge the calls that are out, since whoever made them is no more.

        They have failed, as those of a hung caller, or they tell nothing of the dependency.
        """
        with self._lock:
            self._expire(now)
            orphans = [*self._out.values(), *([self._trial] if self._trial else [])]
            for permit in orphans if failed else ():
                self._fail(permit, now, 1)
            self._out.clear()
            self._trial = None

    def state(self, now: Monotonic) -> BreakerState:
        """Tell where the breaker stands."""
        with self._lock:
            self._expire(now)
            if self._opened is None:
                return BreakerState.CLOSED
            waiting = self._trial is None and not self._willing(now)
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
                expires = self._trial.given + self._settings.permit
                return max(0.0, expires + self._longer() - now)
            return max(0.0, self._opened + self._reset - now)

    def changes(self) -> list[Change]:
        """Take what has changed since the last look, to be told of."""
        with self._lock:
            changes = list(self._changes)
            self._changes.clear()
            return changes

    def _willing(self, now: Monotonic) -> bool:
        if self._opened is None:
            return True
        # A sum, as whoever waits for this very moment may find the difference rounded.
        return self._trial is None and now >= self._opened + self._reset

    def _fail(self, permit: Permit, now: Monotonic, weight: int) -> None:
        if self._trial == permit:
            self._reopen(now)
        elif self._out.pop(permit.number, None) is not None:
            self._failures += weight
            if self._failures >= self._settings.failures:
                self._open(now)

    def _expire(self, now: Monotonic) -> None:
        """Take each call that is overdue for failed at the moment when it was due."""
        while self._out:
            oldest = next(iter(self._out.values()))
            due = Monotonic(oldest.given + self._settings.permit)
            if now < due:
                return
            self._fail(oldest, due, 1)
        if self._trial is not None:
            due = Monotonic(self._trial.given + self._settings.permit)
            if now >= due:
                self._reopen(due)

    def _open(self, now: Monotonic) -> None:
        self._opened = now
        self._out.clear()
        self._note(BreakerState.OPEN)

    def _reopen(self, now: Monotonic) -> None:
        self._failures += 1
        self._trial, self._reset = None, self._longer()
        self._open(now)

    def _longer(self) -> float:
        return max(self._reset, min(self._settings.most, self._reset * 2))

    def _note(self, state: BreakerState) -> None:
        wait = self._reset if state is BreakerState.OPEN else 0.0
        failures = self._failures if state is BreakerState.OPEN else 0
        self._changes.append(Change(self.target, state, wait, failures))
