"""The database writer: rows wait in its mailbox's lanes until a transaction has made them durable.

A flush leases what it writes and settles it after the commit. While the database is away the
lease is kept and tried again; a writer that crashes or hangs leaves everything to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

from fleet.actors.row_lanes import RowLane, RowLanes, lane_of, row_lanes_of, rows_of
from fleet.actors.writer_settings import WriterSettings
from fleet.protocol.errors import SetupError
from fleet.protocol.rows import (
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
from fleet.storage.batch import Batch, WriteReport
from fleet.storage.engine import Store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.lease import Lease, acquire
from fleet.storage.resume import recall
from fleet.supervision.breaker import CircuitBreaker


@dataclass(frozen=True, slots=True)
class FlushDue:
    """The oldest waiting row has waited long enough, or the database may be tried again."""


FLUSHES = 10
"""Most transactions in a row before the mailbox is looked at again."""

WriterMessage = (
    Upsert | Delete | Append | Rows | Recall | Flush | WriterQuery | Reconcile | Held | FlushDue
)


@dataclass(slots=True)
class Door:
    """An open store and the right to write to it."""

    store: Store
    lease: Lease


def writer_props(settings: WriterSettings) -> Props:
    """Make the props of the writer."""
    return Props(
        factory=lambda: DatabaseWriter(settings),
        mailbox=lambda: RowLanes(lane_of=lane_of),
        budget=settings.budget,
        start_budget=settings.budget,
    )


class DatabaseWriter(Actor[WriterMessage]):
    """Writes what the lanes hold, in batches; only it blocks on the database."""

    def __init__(self, settings: WriterSettings) -> None:
        self._settings = settings
        self._breaker = CircuitBreaker(settings.backoff)
        self._door: Door | None = None
        self._batch: list[Envelope] = []
        """Leased and not durable yet."""

        self._armed = False
        self._failing = False
        self._flushes = 0
        self._rows = 0
        self._dropped = 0
        self._took = 0.0

    # -- lives

    def on_start(self, ctx: Context[WriterMessage]) -> None:
        """Take the lease; a database that is away is tried again later."""
        self._attempt(ctx, lambda: self._door_of(ctx))

    def on_stop(self, ctx: Context[WriterMessage], reason: str) -> None:
        """Write what is left, and close the store."""
        self._drain(ctx)
        if self._door is not None:
            self._door.store.close()

    def receive(self, ctx: Context[WriterMessage], message: WriterMessage) -> None:
        """Look after the lanes, or answer a question."""
        match message:
            case Held() | Upsert() | Delete() | Append() | Rows():
                self._look(ctx)
            case FlushDue():
                self._armed = False
                self._drop_telemetry(ctx, row_lanes_of(ctx))
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

    def _door_of(self, ctx: Context[WriterMessage]) -> Door:
        """Give the open store, opening it first where that has not worked before."""
        if self._door is None:
            store = self._settings.open_store()
            ctx.on_cancel(partial(_interrupt, store))
            try:
                self._door = Door(store, acquire(store, self._settings.owner))
            finally:
                if self._door is None:
                    store.close()
        return self._door

    # -- flushing

    def _look(self, ctx: Context[WriterMessage]) -> None:
        """See to it that what waits is flushed in time: at once when it is much."""
        lanes = row_lanes_of(ctx)
        self._drop_telemetry(ctx, lanes)
        if lanes.held >= self._settings.most and not self._failing:
            self._flush_all(ctx)
        elif (lanes.held or self._batch) and not self._armed:
            self._arm(ctx, self._settings.period)

    def _flush_all(self, ctx: Context[WriterMessage]) -> None:
        """Flush until little waits; the rest has its own time."""
        lanes = row_lanes_of(ctx)
        if self._failing and not self._batch and not lanes.held:
            self._attempt(ctx, lambda: self._probe(ctx))
        for _ in range(FLUSHES):
            if not self._flush(ctx) or not lanes.held:
                break
            ctx.progress()
        if (lanes.held or self._batch) and not self._armed:
            self._arm(ctx, 0.0)

    def _arm(self, ctx: Context[WriterMessage], after: float) -> None:
        self._armed = True
        ctx.timer("flush", FlushDue(), after=after)

    def _flush(self, ctx: Context[WriterMessage]) -> bool:
        """Write one batch; say whether it is durable."""
        lanes = row_lanes_of(ctx)
        if not self._batch:
            self._batch = self._lease(lanes)
        if not self._batch:
            return True
        if not self._attempt(ctx, lambda: self._write(ctx)):
            return False
        for envelope in self._batch:
            lanes.settle(envelope.id)
        self._batch = []
        return True

    def _lease(self, lanes: RowLanes) -> list[Envelope]:
        """Take up to `most` rows, money first; a message's rows stay together."""
        taken: list[Envelope] = []
        rows = 0
        for lane in RowLane:
            while rows < self._settings.most and (found := lanes.lease(lane)):
                taken += found
                rows += len(rows_of(found[0]))
        return taken

    def _write(self, ctx: Context[WriterMessage]) -> None:
        door = self._door_of(ctx)
        batch = Batch(self._settings.namespace)
        for envelope in self._batch:
            for row in rows_of(envelope):
                batch.add(row)
        began = ctx.monotonic()
        report = door.store.write(batch, door.lease)
        self._took = (ctx.monotonic() - began) * 1000
        self._flushes += 1
        self._rows += report.written
        self._log_rejected(ctx, report)

    def _log_rejected(self, ctx: Context[WriterMessage], report: WriteReport) -> None:
        for letter in report.rejected:
            text = f"The database cannot take a row of {letter.row.table}: {letter.reason}"
            ctx.log("row.rejected", level="error", text=text, table=letter.row.table)

    def _drop_telemetry(self, ctx: Context[WriterMessage], lanes: RowLanes) -> None:
        if lanes.held <= self._settings.telemetry:
            return
        depth = next((view.depth for view in lanes.heads() if view.lane == RowLane.TELEMETRY), 0)
        surplus = depth - self._settings.telemetry
        if surplus <= 0:
            return
        for envelope in lanes.lease(RowLane.TELEMETRY, surplus):
            lanes.settle(envelope.id)
        self._dropped += surplus
        ctx.log("telemetry.dropped", level="warning", text=f"{surplus} rows were given up.")

    # -- failing and recovering

    def _attempt(self, ctx: Context[WriterMessage], act: Callable[[], object]) -> bool:
        """Do something with the database, unless it failed just now; say whether it was done."""
        permit = self._breaker.allow(ctx.monotonic())
        if permit is None:
            self._arm(ctx, self._breaker.retry_in(ctx.monotonic()))
            return False
        try:
            act()
        except (StoreUnavailable, SetupError) as failure:
            self._breaker.failed(permit, ctx.monotonic())
            self._failed(ctx, failure)
            return False
        self._breaker.succeeded(permit, ctx.monotonic())
        self._recovered(ctx)
        return True

    def _probe(self, ctx: Context[WriterMessage]) -> None:
        """See whether the database is back, for those who wait to read from it."""
        with self._door_of(ctx).store.reading():
            pass

    def _failed(self, ctx: Context[WriterMessage], failure: Exception) -> None:
        wait = self._breaker.retry_in(ctx.monotonic())
        self._arm(ctx, wait)
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
        while lanes.held or self._batch:
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
        if not self._drain(ctx) or not self._attempt(ctx, lambda: self._reconcile(ctx, message)):
            ctx.stash()

    def _reconcile(self, ctx: Context[WriterMessage], message: Reconcile) -> None:
        door, namespace = self._door_of(ctx), self._settings.namespace
        found = balance(door.store, namespace)
        difference = message.credits - found
        if difference:
            row = reconciled(message.credits, found, row_id=message.row_id, at=message.at)
            door.store.write(Batch(namespace, [row]), door.lease)
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
        store = self._door_of(ctx).store
        return recall(store, self._settings.namespace, message.table, message.key)

    def _status(self, ctx: Context[WriterMessage]) -> WriterStatus:
        return WriterStatus(
            pending=row_lanes_of(ctx).held + len(self._batch),
            flushes=self._flushes,
            rows=self._rows,
            last_flush_ms=self._took,
            failing=self._failing,
            dropped=self._dropped,
        )


def _interrupt(store: Store) -> None:
    store.interrupt()
