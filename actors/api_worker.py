"""An API worker: one request in flight, in a thread of its own that may hang without harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

import msgspec

from fleet.actors.answers import Answer, read_answer, read_failure
from fleet.actors.departure import Departure
from fleet.actors.request_rows import Attempt, attempt_id, credits_of, request_rows
from fleet.actors.worker_messages import Order, Report, WorkerReport
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Finished, Send, WorkerReady
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION, Auth
from fleet.protocol.errors import TransportError
from fleet.protocol.members import path_for
from fleet.protocol.rows import RECONCILE_WITHIN, Reconcile, Rows
from fleet.protocol.transport import HttpRequest, Transport
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.novelty import Novelty
from fleet.runtime import Actor, Address, Context, Hang, Props
from fleet.supervision.resources.belongings import Belongings, Owner


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The writer has compared the books; now the request may end."""

    finished: Finished


WorkerMessage = Order | Report | Reconciled

BUDGET = 20.0
"""Wall seconds for one order; the transport's own timeouts end it long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What every worker of a fleet shares."""

    bucket: str
    """Path of the request bucket."""

    writer: str
    """Path of the database writer."""

    epoch: int
    """Number of this process; it begins the ids of all rows."""

    wait_until: Callable[[GameTime], None] | None = None
    """Waits in the calling thread for a game time, a fraction of a second away."""

    token: Callable[[Auth], str | None]
    """Tells the bearer token of a kind; read for each request, since a reset brings new ones."""

    tokens: Mapping[str, str] = field(default_factory=dict)
    """Bearer tokens of further agents, by call sign."""

    belongings: Belongings | None = None
    """Where the transport is registered, to be cleaned up after a failure."""

    refused: Callable[[ApiRefusal], None] | None = None
    """Told when no request with our token will ever be answered again; in any thread."""

    novelties: Callable[[str, bytes], Sequence[Novelty]] | None = None
    """Tells what is new in the body of an operation's reply, each thing once; in any thread."""


class ApiWorker(Actor[WorkerMessage]):
    """Sends what the bucket orders; the ledger's rows go out before the answer does."""

    def __init__(self, transport: Transport, settings: WorkerSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._last: Finished | None = None
        self._bucket_incarnation = 0
        """The newest bucket that asked for a report; orders of earlier ones are void."""

    def on_start(self, ctx: Context[WorkerMessage]) -> None:
        """Make the transport cancellable, then say that there is nothing in hand."""
        ctx.on_cancel(self._transport.cancel)
        if self._settings.belongings is not None:
            owner = Owner(ctx.self.path, ctx.incarnation)
            self._settings.belongings.keep(owner, "client", self._transport.cancel)
        ctx.tell(ctx.address(self._settings.bucket), WorkerReady())

    def receive(self, ctx: Context[WorkerMessage], message: WorkerMessage) -> Hang | None:
        """Carry out one order, waiting for its answer, or report on the last one."""
        match message:
            case Order():
                if self._is_valid(ctx, message.incarnation):
                    self._carry_out(ctx, message.send, message.at)
            case Reconciled(finished=finished):
                self._hand_in(ctx, finished)
            case Report():
                self._bucket_incarnation = ctx.envelope.sender_incarnation
                ctx.reply(WorkerReport(ctx.incarnation, self._last))
            case _:
                assert_never(message)
        return None

    def _is_valid(self, ctx: Context[WorkerMessage], incarnation: int) -> bool:
        current = ctx.envelope.sender_incarnation >= self._bucket_incarnation
        return current and incarnation == ctx.incarnation

    def _carry_out(self, ctx: Context[WorkerMessage], send: Send, at: GameTime | None) -> None:
        departure = Departure(ctx, at, self._settings.wait_until)
        answer = self._exchange(ctx, send.request, self._prepare(send, departure))
        self._hand_on(ctx, send, departure, answer)

    def _hand_on(
        self, ctx: Context[WorkerMessage], send: Send, departure: Departure, answer: Answer
    ) -> None:
        answered, answered_at = ctx.monotonic(), ctx.now()
        moved = 0
        if answer.status or answer.disposition == "unknown":
            attempt = Attempt(
                id=attempt_id(self._settings.epoch, ctx.envelope.id),
                send=send,
                sent_at=departure.sent_at,
                answered_at=answered_at,
            )
            rows = request_rows(attempt, answer)
            moved = credits_of(rows)
            ctx.tell(self._writer(ctx, send), Rows(rows))
        refusal, told = answer.outcome, self._settings.refused
        if answer.disposition == "fatal" and told and isinstance(refusal, ApiRefusal):
            told(refusal)
        finished = Finished(
            envelope=send.envelope,
            disposition=answer.disposition,
            outcome=answer.outcome,
            reason=answer.reason,
            credits=moved,
            sent=departure.sent,
            answered=answered,
            limits=answer.limits,
            body=answer.body,
        )
        if send.request.exclusive and isinstance(answer.outcome, ApiReply):
            writer = self._writer(ctx, send)
            self._reconcile(ctx, writer, finished, answer.outcome, answered_at)
        else:
            self._hand_in(ctx, finished)

    def _writer(self, ctx: Context[WorkerMessage], send: Send) -> Address[Any]:
        return ctx.address(path_for(send.request.agent, self._settings.writer))

    def _hand_in(self, ctx: Context[WorkerMessage], finished: Finished) -> None:
        self._last = finished
        ctx.tell(ctx.address(self._settings.bucket), finished)

    def _reconcile(
        self,
        ctx: Context[WorkerMessage],
        writer: Address[Any],
        finished: Finished,
        reply: ApiReply,
        at: GameTime,
    ) -> None:
        """Have the books compared before anything else is sent: the request is exclusive."""
        agent = reply.data
        if not isinstance(agent, Agent):
            self._hand_in(ctx, finished)
            return
        row_id = f"{self._settings.epoch}-{ctx.envelope.id}-r"
        ctx.ask(
            writer,
            Reconcile(credits=agent.credits, at=at, row_id=row_id),
            timeout=RECONCILE_WITHIN,
            on_reply=lambda _: Reconciled(finished),
        )

    def _prepare(self, send: Send, departure: Departure) -> HttpRequest | Answer:
        """Write the request down, or answer for one that lacks a parameter."""
        request = send.request
        try:
            return self._build(request, send.silence, departure.ready)
        except KeyError as missing:
            text = f"{request.operation} needs the parameter {missing}"
            refusal = ApiRefusal(request.number, request.operation, 0, 0, text, {})
            return Answer(disposition="refusal", outcome=refusal, reason=text)

    def _exchange(
        self, ctx: Context[WorkerMessage], request: ApiRequest, http: HttpRequest | Answer
    ) -> Answer:
        if isinstance(http, Answer):
            return http
        try:
            response = self._transport.send(http)
        except TransportError as failure:
            return read_failure(failure)
        answer = read_answer(request, response)
        if answer.disposition == "reply" and response.body:
            self._look(ctx, request.operation, response.body)
        return answer

    def _look(self, ctx: Context[WorkerMessage], operation: str, body: bytes) -> None:
        if self._settings.novelties is not None:
            for novelty in self._settings.novelties(operation, body):
                text = f"{operation} answers with {novelty}, which this version does not know."
                ctx.log("reply.outgrown", level="warning", text=text, operation=operation)

    def _build(
        self, request: ApiRequest, silence: float | None, ready: Callable[[], None] | None
    ) -> HttpRequest:
        endpoint = BY_OPERATION[request.operation]
        headers = {"accept": "application/json"}
        # Public operations ignore the token, but with it they count for our own account.
        kind = Auth.ACCOUNT if endpoint.auth is Auth.ACCOUNT else Auth.AGENT
        token = self._settings.tokens.get(request.agent) or self._settings.token(kind)
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            body = msgspec.json.encode(request.body)
        return HttpRequest(
            method=endpoint.method,
            path=f"/v2{endpoint.fill(request.params)}",
            query=request.query,
            headers=headers,
            body=body,
            silence=silence,
            ready=ready,
        )


MakeWorker = Callable[[Transport, WorkerSettings], ApiWorker]


def worker_props(
    transport: Callable[[], Transport], settings: WorkerSettings, make: MakeWorker = ApiWorker
) -> Props:
    """Make the props of one worker; each incarnation gets a transport of its own."""
    return Props(factory=lambda: make(transport(), settings), budget=BUDGET, punctual=True)
