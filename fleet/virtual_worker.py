"""An API worker in virtual time: its requests and their answers are under way for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.actors.answers import Answer
from fleet.actors.api_worker import ApiWorker, WorkerMessage, WorkerSettings
from fleet.actors.departure import Departure
from fleet.http_transport import HttpSettings
from fleet.protocol.api import Send
from fleet.protocol.clock import GameTime
from fleet.protocol.transport import HttpRequest, Transport
from fleet.runtime import Context
from fleet.simulator.faults.trouble import Trouble
from fleet.virtual_way import Way


@dataclass(frozen=True, slots=True)
class Arrived:
    """The request in hand has reached the server."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The answer in hand has come back, or was waited for long enough."""


@dataclass(slots=True)
class Journey:
    """An order under way."""

    send: Send
    http: HttpRequest
    departure: Departure
    trouble: Trouble | None
    out: float
    """Game seconds to the server."""

    answer: Answer | None = None
    """What came of it, once it has arrived."""

    over: bool = False

    @property
    def back(self) -> float:
        """Game seconds from the server, or of silence until the worker gives up."""
        if self.trouble is None:
            return 0.0
        if self.trouble.loss not in ("hang-before", "hang-after"):
            return self.trouble.reply_leg
        silence = self.http.silence
        return HttpSettings().read if silence is None else silence


class VirtualWorker(ApiWorker):
    """Carries an order out when it arrives, and hands the answer on when that has returned.

    While a request is under way nothing else is looked at, as if the thread waited for it.
    """

    def __init__(
        self,
        transport: Transport,
        settings: WorkerSettings,
        *,
        latency: float,
        way: Way | None = None,
    ) -> None:
        """Each request takes `latency` game seconds to the server, and what faults add."""
        super().__init__(transport, settings)
        self._latency = latency
        self._way = way
        self._journey: Journey | None = None

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Go on with the order under way; all else waits until its answer is there."""
        journey = self._journey
        if journey is None or journey.over:
            super().receive(ctx, message)
        elif isinstance(message, Arrived):
            self._arrive(ctx, journey)
        elif isinstance(message, Returned):
            journey.over = True
            ctx.unstash()
        else:
            ctx.stash()

    def _carry_out(self, ctx: Context[WorkerMessage], send: Send, at: GameTime | None) -> None:
        journey, self._journey = self._journey, None
        if journey is not None and journey.send is send and journey.answer is not None:
            self._hand_on(ctx, send, journey.departure, journey.answer)
        elif not self._latency and (self._way is None or self._way.is_clear):
            super()._carry_out(ctx, send, at)
        else:
            self._set_out(ctx, send, at)

    def _set_out(self, ctx: Context[Any], send: Send, at: GameTime | None) -> None:
        departure = Departure(ctx, at, self._settings.wait_until)
        http = self._prepare(send, departure)
        if isinstance(http, Answer):
            self._hand_on(ctx, send, departure, http)
            return
        trouble = self._way.set_out(http) if self._way is not None else None
        out = self._latency + (trouble.request_leg if trouble else 0.0)
        self._journey = Journey(send, http, departure, trouble, out)
        ctx.stash()
        ctx.timer("way", Arrived(), after=out)

    def _arrive(self, ctx: Context[Any], journey: Journey) -> None:
        if self._way is not None:
            self._way.foresee(journey.trouble)
        journey.answer = self._exchange(ctx, journey.send.request, journey.http)
        if journey.back:
            ctx.timer("way", Returned(), after=journey.back)
        else:
            journey.over = True
            ctx.unstash()
