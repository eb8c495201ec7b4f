"""The breakers of one dependency: one for each group of its endpoints, and one for the whole."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from fleet.protocol.clock import Monotonic
from fleet.supervision.breaker import (
    BreakerSettings,
    BreakerState,
    Change,
    CircuitBreaker,
    Permit,
)

UNREACHABLE_WEIGHT = 2
"""What an unreachable dependency counts, of twice the failures that open a group."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to make one call to one group."""

    group: str
    part: Permit
    whole: Permit
    tried: bool
    """Whether it is the trial of a group that was open."""


class Breakers:
    """Keeps dead groups from taking the turns of live ones. Any thread.

    A group's failures open that group alone. The whole opens when nothing can be reached, or
    when several groups fail in turn and none answers: the trials of groups that are known to
    be dead say nothing about the rest, so that they can't keep it from being served.
    """

    def __init__(self, settings: BreakerSettings | None = None, *, target: str = "api") -> None:
        self._settings = settings or BreakerSettings()
        self._target = target
        self._lock = threading.Lock()
        self._groups: dict[str, CircuitBreaker] = {}
        # Twice as many, so that no group can open the whole by itself; slow is a group's matter.
        failures = UNREACHABLE_WEIGHT * self._settings.failures
        self._whole = CircuitBreaker(
            replace(self._settings, failures=failures, slow=None), target=target
        )

    def allow(self, group: str, now: Monotonic) -> Grant | None:
        """Give the right to one call, or None while the group or the whole is taken for down."""
        breaker = self._of(group)
        tried = breaker.state(now) is not BreakerState.CLOSED
        # The group first: one that is dead must not take the only trial of the whole.
        part = breaker.allow(now)
        if part is None:
            return None
        whole = self._whole.allow(now)
        if whole is None:
            breaker.give_back(part)
            return None
        return Grant(group, part, whole, tried)

    def give_back(self, grant: Grant) -> None:
        """Take a grant back whose call was not made."""
        self._of(grant.group).give_back(grant.part)
        self._whole.give_back(grant.whole)

    def answered(self, grant: Grant, now: Monotonic) -> bool:
        """Take note of an answer, which a refusal and a 429 are as well; say if it came in time."""
        self._whole.succeeded(grant.whole, now)
        return self._of(grant.group).succeeded(grant.part, now)

    def failed(self, grant: Grant, now: Monotonic) -> None:
        """Take note of a broken answer, a hang or a lost connection: the group's failure."""
        self._of(grant.group).failed(grant.part, now)
        if grant.tried and self._whole.state(now) is BreakerState.CLOSED:
            self._whole.give_back(grant.whole)
        else:
            self._whole.failed(grant.whole, now)

    def unreachable(self, grant: Grant, now: Monotonic) -> None:
        """Take note that there was no connection at all: that tells nothing of the group."""
        self._of(grant.group).give_back(grant.part)
        self._whole.failed(grant.whole, now, weight=UNREACHABLE_WEIGHT)

    def state(self, now: Monotonic) -> BreakerState:
        """Tell where the whole stands."""
        return self._whole.state(now)

    def states(self, now: Monotonic) -> dict[str, BreakerState]:
        """Tell where each group stands that was ever called."""
        return {name: breaker.state(now) for name, breaker in self._all()}

    def retry_in(self, group: str, now: Monotonic) -> float:
        """Tell the wall seconds until a call to the group may be allowed; 0 for now."""
        return max(self._of(group).retry_in(now), self._whole.retry_in(now))

    def in_turn(self, groups: Iterable[str], now: Monotonic) -> list[str]:
        """List the groups that may be called: those that answer first, then those to be tried."""
        willing = [name for name in groups if self.retry_in(name, now) == 0.0]
        states = {name: self._of(name).state(now) for name in willing}
        return sorted(willing, key=lambda name: states[name] is not BreakerState.CLOSED)

    def changes(self) -> list[Change]:
        """Take what has changed since the last look, to be told of."""
        changes = self._whole.changes()
        for _, breaker in self._all():
            changes.extend(breaker.changes())
        return changes

    def _of(self, group: str) -> CircuitBreaker:
        with self._lock:
            breaker = self._groups.get(group)
            if breaker is None:
                breaker = CircuitBreaker(self._settings, target=f"{self._target}/{group}")
                self._groups[group] = breaker
            return breaker

    def _all(self) -> list[tuple[str, CircuitBreaker]]:
        with self._lock:
            return sorted(self._groups.items())
