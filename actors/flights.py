"""Requests under way: what each answer, or the want of one, does to them.

The lease's note in the mailbox is the truth; a Flight is what this incarnation of the bucket
remembers beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, assert_never

from fleet.actors.answers import MAINTENANCE
from fleet.actors.bucket_metrics import BucketMetrics
from fleet.actors.bucket_width import BucketWidth
from fleet.actors.coalescing import Coalescing, Same
from fleet.actors.limiter import Limiter
from fleet.actors.limits import NEVER
from fleet.actors.request_breakers import RequestBreakers
from fleet.actors.request_endings import end, tell, unknown
from fleet.actors.request_lanes import Assigned, Joined, RequestLanes, lanes_of
from fleet.actors.request_rows import Attempt, attempt_id, lost_row
from fleet.actors.worker_messages import WorkerReport
from fleet.actors.worker_pool import Worker
from fleet.protocol.api import Disposition, Finished, Send
from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.fleet import Doubt
from fleet.protocol.members import path_for
from fleet.protocol.rows import Rows
from fleet.runtime import Address, Context, Envelope
from fleet.supervision.breakers import Grant

STUCK = 3.0
"""Wall seconds after which a request under way is taken for stuck."""


@dataclass(slots=True)
class Flight:
    """A request under way, as far as this incarnation knows it."""

    envelope: Envelope
    worker: Worker
    ticket: int | None = None
    """The limiter's number; None for a request that an earlier incarnation sent."""

    grant: Grant | None = None
    began: float = 0.0
    """When this incarnation first knew of it, on the steady clock."""

    send: Send | None = None
    order: int = 0
    """Envelope id of the worker's order."""

    sent_at: GameTime = NEVER
    key: Same | None = None
    """What identical reads share."""


@dataclass(slots=True)
class Flights:
    """Ends what was sent; the bucket decides what is sent. Lives in the bucket's thread."""

    limiter: Limiter
    breakers: RequestBreakers
    metrics: BucketMetrics
    attempts: int
    trial: float
    width: BucketWidth
    auditor: str | None = None
    writer: str | None = None
    epoch: int | None = None
    coalescing: Coalescing = field(default_factory=Coalescing)
    _flights: dict[int, Flight] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def exclusive(self) -> bool:
        """Whether one under way wants to be alone; then it is."""
        if len(self._flights) != 1:
            return False
        [flight] = self._flights.values()
        return bool(flight.envelope.message.exclusive)

    def age(self, now: Monotonic) -> float:
        """Tell for how many wall seconds the oldest one is under way; 0 when none is."""
        return max((now - flight.began for flight in self._flights.values()), default=0.0)

    def suffice(self, ctx: Context[Any]) -> bool:
        """Whether as many are under way as use the whole allowance; stuck ones do not count."""
        if len(self._flights) <= self.width.least or self.limiter.endless:
            return False
        now = ctx.monotonic()
        moving = [each for each in self._flights.values() if now - each.began <= STUCK]
        oldest = min((each.sent_at for each in moving), default=NEVER)
        wanted = self.width.wanted(ctx.now() - oldest)
        return wanted is not None and len(moving) >= wanted

    def has(self, worker: Worker) -> bool:
        """Whether a worker has something in hand."""
        path, incarnation = worker.path, worker.incarnation
        for flight in self._flights.values():
            if flight.worker.path == path and flight.worker.incarnation == incarnation:
                return True
        return False

    def of(self, sender: Address[Any]) -> list[Envelope]:
        """List the requests of one sender that are under way."""
        flying = (flight.envelope for flight in self._flights.values())
        return [envelope for envelope in flying if envelope.sender == sender]

    # -- beginnings

    def begin(
        self, ctx: Context[Any], envelope: Envelope, worker: Worker, grant: Grant, at: GameTime
    ) -> Send:
        """Lease a request to a worker, who sends it at that time, now or soon.

        The order for it is still to be told.
        """
        lanes = lanes_of(ctx)
        lanes.take(envelope)
        record = lanes.records[envelope.id]
        queued_at = record.queued_at
        lanes.note(envelope.id, Assigned(worker.path, worker.incarnation, ctx.incarnation))
        silence = self.trial if self.breakers.tries(envelope.message) else None
        send = Send(envelope.id, envelope.message, queued_at, silence)
        self._flights[envelope.id] = Flight(
            envelope,
            worker,
            ticket=self.limiter.sent(at, envelope.message.agent),
            grant=grant,
            began=ctx.monotonic(),
            send=send,
            sent_at=at,
            key=record.key,
        )
        self.coalescing.lead(envelope, record.key, at)
        self.metrics.sent(record.lane, at - queued_at)
        return send

    def ordered(self, send: Send, order: int) -> None:
        """Take note of the envelope in which the order went out."""
        self._flights[send.envelope].order = order

    def take_over(self, ctx: Context[Any]) -> None:
        """Remember what an earlier incarnation gave out; readers without a leader wait again."""
        lanes = lanes_of(ctx)
        for number, lease in lanes.leases.items():
            if isinstance(lease.note, Assigned):
                worker = Worker(lease.note.worker, lease.note.incarnation)
                self._flights[number] = Flight(
                    lease.envelope,
                    worker,
                    began=ctx.monotonic(),
                    key=lanes.records[number].key,
                )
        for number, lease in lanes.leases.items():
            if isinstance(lease.note, Joined) and lease.note.leader not in self._flights:
                lanes.release(number)

    # -- ends

    def finished(self, ctx: Context[Any], worker: Worker, message: Finished) -> None:
        """Conclude what a worker tells about, unless it was taken for lost before."""
        flight = self._flights.get(message.envelope)
        if flight is not None and flight.worker == worker:
            self._conclude(ctx, flight, message)

    def down(self, ctx: Context[Any], path: str, incarnation: int, reason: str) -> None:
        """Take what an incarnation of a worker had, or one before it, for lost."""
        for flight in list(self._flights.values()):
            if flight.worker.path == path and flight.worker.incarnation <= incarnation:
                self._bury(ctx, flight, f"the worker's end: {reason}")

    def reported(self, ctx: Context[Any], path: str, report: WorkerReport | None) -> None:
        """See what became of the orders that an earlier bucket gave to a worker."""
        leases = lanes_of(ctx).leases
        for number, flight in list(self._flights.items()):
            old = leases[number].note.bucket < ctx.incarnation
            if old and flight.worker.path == path:
                self._judge(ctx, flight, report)

    def _answer(self, ctx: Context[Any], flight: Flight, outcome: Any) -> None:
        """End a request that was answered, and every other one that the answer does for."""
        lanes, envelope = lanes_of(ctx), flight.envelope
        if not lanes.has_twin(envelope):
            end(ctx, lanes, envelope.id, outcome)
            return
        twins: list[Envelope] = []
        if self.coalescing.leads(envelope, flight.key):
            twins = lanes.withdraw_twins(envelope, partial(self._is_twin, lanes, envelope))
        # At once, since nothing but this loop knows of them any more.
        for twin in twins:
            tell(ctx, twin, replace(outcome, number=twin.message.number))
        end(ctx, lanes, envelope.id, outcome)
        joined = self._joined(lanes, envelope.id)
        for number, twin in joined:
            end(ctx, lanes, number, replace(outcome, number=twin.message.number))
        self.metrics.ended("coalesced", len(twins) + len(joined))

    def _is_twin(self, lanes: RequestLanes, leader: Envelope, envelope: Envelope) -> bool:
        if lanes.is_withdrawn(envelope):
            return False
        record = lanes.records[envelope.id]
        return self.coalescing.leader_of(envelope, record.key, record.queued_at) == leader.id

    def _joined(self, lanes: RequestLanes, leader: int) -> list[tuple[int, Envelope]]:
        note = Joined(leader)
        return [
            (number, lease.envelope) for number, lease in lanes.leases.items() if lease.note == note
        ]

    def _again(self, ctx: Context[Any], envelope: Envelope) -> None:
        """Put a request back to its old place, and those that waited for its answer."""
        lanes = lanes_of(ctx)
        lanes.release(envelope.id)
        for number, _ in self._joined(lanes, envelope.id):
            lanes.release(number)

    def _lost(self, ctx: Context[Any], envelope: Envelope, reason: str) -> None:
        """Nobody can tell what became of a request: a read is tried once more."""
        lanes = lanes_of(ctx)
        record = lanes.records[envelope.id]
        record.lost += 1
        if record.lost > 1 or envelope.message.mutating:
            self._give_up(ctx, envelope, reason)
        else:
            self._again(ctx, envelope)

    def _give_up(self, ctx: Context[Any], envelope: Envelope, reason: str) -> None:
        lanes = lanes_of(ctx)
        end(ctx, lanes, envelope.id, unknown(envelope.message, reason))
        if self.auditor is not None and envelope.message.mutating:
            auditor = path_for(envelope.message.agent, self.auditor)
            ctx.tell(ctx.address(auditor), Doubt(reason))
        for number, _ in self._joined(lanes, envelope.id):
            lanes.release(number)

    def _conclude(self, ctx: Context[Any], flight: Flight, message: Finished) -> None:
        envelope, disposition, now = flight.envelope, message.disposition, ctx.now()
        took = now - flight.sent_at if flight.send is not None else None
        self.metrics.finished(disposition, envelope.message.operation, took, message.credits)
        if took is not None:
            self.width.took(took)
        self._tell_limiter(ctx, flight, message, now)
        self._tell_breakers(ctx, flight, disposition)
        match disposition:
            case "reply" | "refusal" | "fatal":
                self._answer(ctx, flight, message.outcome)
            case "limited" | "unsent":
                self._again(ctx, envelope)
            case "unavailable":
                self._unavailable(ctx, envelope, message.reason)
            case "unknown":
                self._lost(ctx, envelope, message.reason)
            case _:
                assert_never(disposition)
        self._land(ctx, flight)

    def _unavailable(self, ctx: Context[Any], envelope: Envelope, reason: str) -> None:
        """Try again, but not for ever what the server may break on."""
        record = lanes_of(ctx).records[envelope.id]
        record.broken += reason != MAINTENANCE
        if record.broken >= self.attempts:
            self._give_up(ctx, envelope, reason)
        else:
            self._again(ctx, envelope)

    def _land(self, ctx: Context[Any], flight: Flight) -> None:
        del self._flights[flight.envelope.id]
        self.coalescing.end(flight.envelope, flight.key, ctx.now())

    def _tell_limiter(
        self, ctx: Context[Any], flight: Flight, message: Finished, now: GameTime
    ) -> None:
        if message.disposition == "limited":
            ctx.log("request.limited", level="debug", operation=flight.envelope.message.operation)
            self.limiter.refused(flight.ticket, now, message.limits)
        elif message.disposition == "unsent":
            self.limiter.unsent(flight.ticket)
        elif message.disposition == "unknown":
            self.limiter.lost(flight.ticket)
        else:
            self.limiter.answered(flight.ticket, now, message.limits)

    def _tell_breakers(self, ctx: Context[Any], flight: Flight, disposition: Disposition) -> None:
        if flight.grant is not None:
            self.breakers.ended(ctx, flight.grant, disposition)

    def _bury(self, ctx: Context[Any], flight: Flight, reason: str) -> None:
        self.metrics.finished("unknown", flight.envelope.message.operation, None)
        self.limiter.lost(flight.ticket)
        self._tell_breakers(ctx, flight, "unknown")
        self._tell_writer(ctx, flight)
        self._lost(ctx, flight.envelope, reason)
        self._land(ctx, flight)

    def _tell_writer(self, ctx: Context[Any], flight: Flight) -> None:
        if self.writer is None or self.epoch is None or flight.send is None:
            return
        attempt = Attempt(
            id=attempt_id(self.epoch, flight.order),
            send=flight.send,
            sent_at=flight.sent_at,
            answered_at=ctx.now(),
        )
        writer = path_for(flight.envelope.message.agent, self.writer)
        ctx.tell(ctx.address(writer), Rows((lost_row(attempt),)))

    def _judge(self, ctx: Context[Any], flight: Flight, report: WorkerReport | None) -> None:
        if report is None or report.incarnation != flight.worker.incarnation:
            self._bury(ctx, flight, "the worker's end")
        elif report.last is not None and report.last.envelope == flight.envelope.id:
            self._conclude(ctx, flight, report.last)
        else:
            # The order never reached the worker, which handles its mailbox in order.
            self._again(ctx, flight.envelope)
            self._land(ctx, flight)
