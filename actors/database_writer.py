"""The database writer: rows wait in its mailbox's lanes until a transaction has made them durable.

A flush leases what it writes and settles it after the commit; a writer that crashes or hangs
leaves everything to the next. While the database is away rows of the ledger go to disk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from fleet.actors.row_lanes import RowLane, RowLanes, lane_of, row_lanes_of, rows_of
from fleet.actors.writer_door import WriterDoor, log_rejected
from fleet.actors.writer_memory import WriterMemory
from fleet.actors.writer_recall import Recollection
from fleet.actors.writer_settings import WriterSettings
from fleet.protocol.errors import SetupError
from fleet.protocol.fleet import AUDITOR, Doubt
from fleet.protocol.rows import (
    RECONCILE_WITHIN,
    Append,
    Delete,
    Flush,
    Recall,
    Reconcile,
    Rows,
    Upsert,
    WriterQuery,
    WriterStatus,
)
from fleet.runtime import Actor, Context, Envelope, Held, Props
from fleet.storage.audit import balance, reconciled
from fleet.storage.errors import StoreTimeout, StoreUnavailable
from fleet.supervision.breaker import BreakerState, CircuitBreaker


@dataclass(frozen=True, slots=True)
class FlushDue:
    """The oldest waiting row has waited long enough, or the database may be tried again."""


FLUSHES = 10
"""Most transactions in a row before the mailbox is looked at again."""

SPARE = 1.0
"""Wall seconds before whoever waits for a comparison gives up: later none is begun."""

TAKEN = 500
"""Messages that are leased at once."""

WriterMessage = (
    Upsert | Delete | Append | Rows | Recall | Flush | WriterQuery | Reconcile | Held | FlushDue
)


def writer_props(settings: WriterSettings) -> Props:
    """Make the props of the writer."""
    # What one life has learned about the database, the next one need not suffer again.
    breaker = CircuitBreaker(settings.backoff)
    return Props(
        factory=lambda: DatabaseWriter(settings, breaker),
        mailbox=lambda: RowLanes(lane_of=lane_of, bound=settings.bound),
        budget=settings.budget,
        start_budget=settings.budget,
    )


class DatabaseWriter(Actor[WriterMessage]):
    """Writes what the lanes hold, in batches; only it blocks on the database."""

    def __init__(self, settings: WriterSettings, breaker: CircuitBreaker) -> None:
        self._settings = settings
        self._breaker = breaker
        self._door = WriterDoor(settings)
        self._memory = WriterMemory(self._door, settings.telemetry)
        self._recollection = Recollection(settings.namespace)
        self._armed = False
        self._failing = False
        self._flushes = 0
        self._rows = 0
        self._took = 0.0

    # -- lives

    def on_start(self, ctx: Context[WriterMessage]) -> None:
        """Take the lease; a database that is away is tried again later."""
        self._attempt(ctx, lambda: self._door.open(ctx))

    def on_restart(self, ctx: Context[WriterMessage], reason: str) -> None:
        """Go on as the last life ended: a database that it hung on is left alone for a while."""
        self._breaker.orphan(ctx.monotonic(), failed=reason == "hung")
        self._failing = self._breaker.state(ctx.monotonic()) is not BreakerState.CLOSED
        self.on_start(ctx)

    def on_stop(self, ctx: Context[WriterMessage], reason: str) -> None:
        """Write what is left, to the disk if the database is away, and close the store."""
        if not self._drain(ctx):
            self._memory.shrink(ctx, row_lanes_of(ctx))
        self._door.close()

    def receive(self, ctx: Context[WriterMessage], message: WriterMessage) -> None:
        """Look after the lanes, or answer a question."""
        match message:
            case Held() | Upsert() | Delete() | Append() | Rows():
                self._look(ctx)
            case FlushDue():
                self._armed = False
                self._memory.drop_telemetry(ctx, row_lanes_of(ctx))
                self._flush_all(ctx)
            case Flush():
                self._answer_flush(ctx)
            case Recall():
                self._answer_recall(ctx, message)
            case WriterQuery():
                ctx.reply(self._status(ctx))
            case Reconcile():
                self._answer_reconcile(ctx, message)
            case _:
                assert_never(message)

    # -- flushing

    def _look(self, ctx: Context[WriterMessage]) -> None:
        """See to it that what waits is flushed in time: at once when it is much."""
        lanes = row_lanes_of(ctx)
        self._memory.drop_telemetry(ctx, lanes)
        if lanes.held >= self._settings.most and not self._failing:
            self._flush_all(ctx)
        elif lanes.held and not self._armed:
            self._arm(ctx, self._settings.period)

    def _flush_all(self, ctx: Context[WriterMessage]) -> None:
        """Flush until less than a batch waits; what came meanwhile has its own time."""
        lanes = row_lanes_of(ctx)
        if self._failing and not lanes.held:
            self._attempt(ctx, lambda: self._probe(ctx))
        for _ in range(FLUSHES):
            if not self._flush(ctx):
                self._memory.shrink(ctx, lanes)
                break
            if lanes.held < self._settings.most:
                break
            ctx.progress()
        if lanes.held and not self._armed:
            much = lanes.held >= self._settings.most and not self._failing
            self._arm(ctx, 0.0 if much else self._settings.period)

    def _arm(self, ctx: Context[WriterMessage], after: float) -> None:
        self._armed = True
        ctx.timer("flush", FlushDue(), after=after)

    def _flush(self, ctx: Context[WriterMessage]) -> bool:
        """Write one batch; say whether it is durable."""
        lanes = row_lanes_of(ctx)
        batch = self._lease(lanes)
        if not batch:
            return True
        written = self._attempt(ctx, lambda: self._write(ctx, batch))
        # A writer that was replaced meanwhile finds its lanes closed here.
        end = row_lanes_of(ctx).settle if written else row_lanes_of(ctx).release
        for envelope in batch:
            end(envelope.id)
        return written

    def _lease(self, lanes: RowLanes) -> list[Envelope]:
        """Take about `most` rows, money first; a message's rows stay together."""
        taken: list[Envelope] = []
        rows = 0
        for lane in RowLane:
            while (left := self._settings.most - rows) > 0:
                some = lanes.lease(lane, min(TAKEN, left))
                if not some:
                    break
                taken += some
                rows += sum([len(rows_of(envelope)) for envelope in some])
        return taken

    def _write(self, ctx: Context[WriterMessage], batch: list[Envelope]) -> None:
        began = ctx.monotonic()
        rows = [row for envelope in batch for row in rows_of(envelope)]
        report = self._door.write(ctx, rows)
        took = ctx.monotonic() - began
        self._took = took * 1000
        self._flushes += 1
        self._rows += report.written
        if report.rejected:
            self._recollection.forget()
            log_rejected(ctx, report.rejected)
        self._recollection.note(rows)
        if took > self._settings.slow:
            text = f"Slow DB health check: {took:.2f}s"
            ctx.log("database.slow", level="warning", text=text, took=took, rows=report.written)

    # -- failing and recovering

    def _attempt(self, ctx: Context[WriterMessage], act: Callable[[], object]) -> bool:
        """Do something with the database, unless it failed just now; say whether it was done."""
        permit = self._breaker.allow(ctx.monotonic())
        if permit is None:
            self._arm(ctx, self._wait(ctx))
            return False
        try:
            act()
        except (StoreUnavailable, SetupError) as failure:
            self._breaker.failed(permit, ctx.monotonic())
            self._failed(ctx, failure)
            return False
        self._breaker.succeeded(permit, ctx.monotonic())
        self._door.succeeded()
        self._recovered(ctx)
        return True

    def _wait(self, ctx: Context[WriterMessage]) -> float:
        """Tell when to look again: for the next trial, or for rows that must not wait for it."""
        retry = self._breaker.retry_in(ctx.monotonic())
        return min(retry, self._settings.spill) if self._door.spills else retry

    def _probe(self, ctx: Context[WriterMessage]) -> None:
        """See whether the database is back, for those who wait to read from it."""
        with self._door.open(ctx).store.reading():
            pass

    def _failed(self, ctx: Context[WriterMessage], failure: Exception) -> None:
        wait = self._breaker.retry_in(ctx.monotonic())
        self._arm(ctx, self._wait(ctx))
        self._door.failed(ctx, failure)
        if isinstance(failure, StoreTimeout):
            text = f"Database operation timed out: {failure}"
            ctx.log("database.timed_out", level="warning", text=text)
        if not self._failing:
            self._failing = True
            text = f"The database takes nothing: {failure}; rows wait, next trial in {wait:.1f} s."
            ctx.log("database.failed", level="error", text=text, reason=str(failure))

    def _recovered(self, ctx: Context[WriterMessage]) -> None:
        if self._failing:
            self._failing = False
            ctx.log("database.recovered", text="The database takes rows again.")
            ctx.unstash()

    # -- answering

    def _drain(self, ctx: Context[WriterMessage]) -> bool:
        """Write everything that waits; say whether it is durable."""
        lanes = row_lanes_of(ctx)
        while lanes.held:
            if not self._flush(ctx):
                return False
            ctx.progress()
        return True

    def _answer_flush(self, ctx: Context[WriterMessage]) -> None:
        if self._drain(ctx):
            ctx.reply(True)
        else:
            ctx.stash()

    def _answer_reconcile(self, ctx: Context[WriterMessage], message: Reconcile) -> None:
        if ctx.monotonic() - ctx.envelope.sent > RECONCILE_WITHIN - SPARE:
            # Nobody waits any more, the fleet trades again, and those credits are old.
            ctx.tell(ctx.address(AUDITOR), Doubt("the books were compared too late"))
            return
        if not self._drain(ctx) or not self._attempt(ctx, lambda: self._reconcile(ctx, message)):
            ctx.stash()

    def _reconcile(self, ctx: Context[WriterMessage], message: Reconcile) -> None:
        namespace = self._settings.namespace
        found = balance(self._door.open(ctx).store, namespace)
        difference = message.credits - found
        if difference:
            row = reconciled(message.credits, found, row_id=message.row_id, at=message.at)
            self._door.write(ctx, [row])
            text = f"the API has {difference:+,d} credits that no ledger row told of"
            ctx.log("ledger.reconciled", level="warning", text=text, difference=difference)
        ctx.reply(difference)

    def _answer_recall(self, ctx: Context[WriterMessage], message: Recall) -> None:
        pending = row_lanes_of(ctx).newest(message.table, message.key)
        if pending is not None:
            ctx.reply(pending.values if isinstance(pending, Upsert) else None)
            return
        try:
            done = self._attempt(ctx, lambda: ctx.reply(self._read(ctx, message)))
        except ValueError as error:
            ctx.reply(error)
            return
        if not done:
            ctx.stash()

    def _read(self, ctx: Context[WriterMessage], message: Recall) -> Any:
        return self._recollection.read(self._door.open(ctx).store, message)

    def _status(self, ctx: Context[WriterMessage]) -> WriterStatus:
        return WriterStatus(
            pending=row_lanes_of(ctx).held,
            flushes=self._flushes,
            rows=self._rows,
            last_flush_ms=self._took,
            failing=self._failing,
            dropped=self._memory.dropped,
            spilled=self._door.spilled(),
        )
