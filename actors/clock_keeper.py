"""The clock keeper: looks at the server's clock now and then, and has the game clock fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleet.actors.server_clock import ClockKind, Look, NoClock, best, question, sample
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import Transport
from fleet.runtime import Actor, ClockSample, Context, Props


@dataclass(frozen=True, slots=True)
class LookNow:
    """It is time to look, or somebody wants the clock to be fitted at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSettings:
    """Wall seconds."""

    fit: Callable[[ClockSample], None]
    """Takes the best sample of each look; called in the keeper's thread."""

    kind: ClockKind = "simulator"
    period: float = 30.0
    """Between two looks. On the live API each look costs a request: make it rare there."""

    looks: int = 5
    """Requests per look; the one with the least round trip counts. One on the live API."""

    retry: float = 0.5
    """Until the next look after one that failed: a server that starts again is met at once."""

    budget: float = 60.0


def clock_props(transport: Callable[[], Transport], settings: ClockSettings) -> Props:
    """Make the props of the clock keeper."""
    return Props(
        factory=lambda: ClockKeeper(transport(), settings),
        budget=settings.budget,
        start_budget=settings.budget,
        punctual=True,
    )


class ClockKeeper(Actor[LookNow]):
    """Waits for the server in its own thread; a server that is away is asked again soon."""

    def __init__(self, transport: Transport, settings: ClockSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._lost = False

    def on_start(self, ctx: Context[LookNow]) -> None:
        """Look at once."""
        ctx.on_cancel(self._transport.cancel)
        self._look(ctx)

    def receive(self, ctx: Context[LookNow], message: LookNow) -> None:
        """Look again."""
        self._look(ctx)

    def _look(self, ctx: Context[LookNow]) -> None:
        try:
            found = best([self._sample(ctx) for _ in range(self._settings.looks)])
        except (TransportError, NoClock) as failure:
            self._missed(ctx, failure)
            ctx.timer("look", LookNow(), after=self._settings.retry)
            return
        self._lost = False
        self._settings.fit(found)
        ctx.log("clock.fitted", level="debug", error=found.error, speed=found.speed)
        ctx.timer("look", LookNow(), after=self._settings.period)

    def _sample(self, ctx: Context[LookNow]) -> ClockSample:
        asked = ctx.monotonic()
        response = self._transport.send(question(self._settings.kind))
        look = Look(asked=asked, answered=ctx.monotonic(), response=response)
        return sample(self._settings.kind, look)

    def _missed(self, ctx: Context[LookNow], failure: Exception) -> None:
        if not self._lost:
            self._lost = True
            text = f"The server's clock cannot be read: {failure}"
            ctx.log("clock.lost", level="warning", text=text, reason=str(failure))
