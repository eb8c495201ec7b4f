"""The breakers as the bucket uses them: whose requests pause, until when, and what is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fleet.actors.request_group import group_of
from fleet.protocol.api import ApiRequest, Disposition
from fleet.protocol.clock import Monotonic
from fleet.runtime import Context
from fleet.supervision.breaker import BreakerSettings, BreakerState, Change
from fleet.supervision.breakers import Breakers, Grant

API = "api"

NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class RequestBreakers:
    """Groups of endpoints that are down pause, and the rest goes on. In the bucket's thread."""

    settings: BreakerSettings
    _breakers: Breakers = field(init=False)
    _shut: set[str] = field(default_factory=set)
    """Targets that are not closed, as far as their changes told."""

    def __post_init__(self) -> None:
        self._breakers = Breakers(self.settings, target=API)

    # -- asking

    def paused(self, now: Monotonic) -> frozenset[str]:
        """Name the groups whose requests are not to be sent now."""
        # Nearly always nothing is: then nobody is asked.
        if not self._shut:
            return NOBODY
        return frozenset(name for name in self._groups() if self._breakers.retry_in(name, now) > 0)

    def retry_in(self, now: Monotonic) -> float | None:
        """Tell after how many wall seconds the next paused group may be tried; None for never."""
        waits = [self._breakers.retry_in(name, now) for name in self._groups()]
        return min((wait for wait in waits if wait > 0), default=None)

    def allow(self, request: ApiRequest, now: Monotonic) -> Grant | None:
        """Give the right to send a request, or None while all of the API is taken for down."""
        return self._breakers.allow(group_of(request.operation), now)

    def wait(self, request: ApiRequest, now: Monotonic) -> float:
        """Tell the wall seconds until a request that was not allowed may be."""
        return self._breakers.retry_in(group_of(request.operation), now)

    def tries(self, request: ApiRequest) -> bool:
        """Whether a request that is sent now finds out if something is back."""
        return bool(self._shut & {API, f"{API}/{group_of(request.operation)}"})

    def state(self, now: Monotonic) -> str:
        """Tell where the whole stands: closed, open or half-open."""
        return self._breakers.state(now).value

    def groups(self, now: Monotonic) -> dict[str, str]:
        """Tell where each group stands that is not closed."""
        if not self._shut:
            return {}
        states = self._breakers.states(now).items()
        return {name: state.value for name, state in states if state is not BreakerState.CLOSED}

    def _groups(self) -> list[str]:
        return [name.removeprefix(f"{API}/") for name in self._shut if name != API]

    # -- learning

    def ended(self, ctx: Context[Any], grant: Grant, disposition: Disposition) -> None:
        """Take note of what became of a request, and tell of what that changed."""
        now = ctx.monotonic()
        if disposition == "unsent":
            self._breakers.unreachable(grant, now)
        elif disposition in ("unavailable", "unknown"):
            self._breakers.failed(grant, now)
        else:
            in_time = self._breakers.answered(grant, now)
            # Such an answer changes nothing while everything is closed.
            if in_time and not self._shut and not grant.tried:
                return
        self.tell(ctx)

    def tell(self, ctx: Context[Any]) -> None:
        """Log what has changed."""
        for change in self._breakers.changes():
            if change.state is BreakerState.CLOSED:
                self._shut.discard(change.target)
                ctx.log("breaker.closed", text=_closed(change), dependency=change.target)
            elif change.state is BreakerState.OPEN:
                self._shut.add(change.target)
                text = _opened(change)
                ctx.log("breaker.opened", level="warning", text=text, dependency=change.target)
            else:
                text = f"{_name(change)} is tried with one request."
                ctx.log("breaker.half_opened", text=text, dependency=change.target)


def _closed(change: Change) -> str:
    return f"{_name(change)} answers again."


def _opened(change: Change) -> str:
    return (
        f"Circuit breaker triggered after {change.failures} consecutive failures"
        f" of {change.target}; next trial in {change.retry_in:.1f} s"
    )


def _name(change: Change) -> str:
    return "The API" if change.target == API else change.target.removeprefix(f"{API}/")
