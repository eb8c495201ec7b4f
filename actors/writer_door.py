"""The writer's way to the database: opened late, replayed into, reset when it keeps failing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from fleet.actors.writer_settings import WriterSettings
from fleet.protocol.rows import Row
from fleet.runtime import Context
from fleet.storage.batch import Batch, WriteReport
from fleet.storage.engine import Store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.failures import Failures
from fleet.storage.lease import Lease, acquire, lease_name
from fleet.storage.outbox import Outbox
from fleet.storage.replay import replay
from fleet.supervision.resources.belongings import Owner


@dataclass(slots=True)
class Door:
    """An open store and the right to write to it."""

    store: Store
    lease: Lease


class WriterDoor:
    """Opens the store in the writer's thread, and brings in what waits on disk before all else."""

    def __init__(self, settings: WriterSettings) -> None:
        self._settings = settings
        self._door: Door | None = None
        self._failures = Failures()
        self._outbox = Outbox(settings.outbox) if settings.outbox else None

    @property
    def spills(self) -> bool:
        """Whether rows can wait on disk."""
        return self._outbox is not None

    def open(self, ctx: Context[Any]) -> Door:
        """Give the open store, with everything from the outbox in it.

        Raises StoreUnavailable, SetupError, LeaseLost.
        """
        if self._door is None:
            store = self._settings.open_store()
            ctx.on_cancel(partial(_end, store))
            self._register(ctx, store)
            try:
                name = lease_name(self._settings.namespace)
                lease = acquire(store, self._settings.owner, name=name)
                self._door = Door(store, lease)
            finally:
                if self._door is None:
                    store.close()
        self._replay(ctx, self._door)
        return self._door

    def write(self, ctx: Context[Any], rows: list[Row]) -> WriteReport:
        """Write rows in one transaction, behind what waits on disk."""
        door = self.open(ctx)
        return door.store.write(Batch(self._settings.namespace, rows), door.lease)

    def _register(self, ctx: Context[Any], store: Store) -> None:
        held = self._settings.belongings
        if held is not None:
            owner = Owner(ctx.self.path, ctx.incarnation)
            held.keep(owner, "rows", store.interrupt)
            held.keep(owner, "pool", store.close)

    def _replay(self, ctx: Context[Any], door: Door) -> None:
        if self._outbox is None or not self._outbox.count(self._settings.namespace):
            return
        done, refused = replay(
            self._outbox, door.store, door.lease, self._settings.namespace, progress=ctx.progress
        )
        ctx.log("outbox.replayed", text=f"{done:,} rows that waited on disk are stored.", rows=done)
        log_rejected(ctx, refused)

    def keep(self, rows: list[Row]) -> None:
        """Put rows on this machine's disk. Raises StoreUnavailable."""
        if self._outbox is None:
            raise StoreUnavailable("there is no outbox")
        self._outbox.keep(self._settings.namespace, rows)

    def spilled(self) -> int:
        """Count the rows on disk; 0 where nobody can tell."""
        try:
            return self._outbox.count(self._settings.namespace) if self._outbox else 0
        except StoreUnavailable:
            return 0

    def failed(self, ctx: Context[Any], failure: Exception) -> None:
        """Take note of a failure; after several in a row all connections are made anew."""
        if not self._failures.failed():
            return
        ctx.log(
            "database.failing",
            level="error",
            text="Multiple consecutive database failures",
            failures=self._failures.count,
            reason=str(failure),
        )
        ctx.log("database.resetting", level="warning", text="Resetting database connection pool")
        if self._door is not None:
            self._door.store.reset()
        ctx.log("database.reset", text="Successfully reset database connection pool")

    def succeeded(self) -> None:
        """Take note of a success."""
        self._failures.succeeded()

    def close(self) -> None:
        """Close everything."""
        if self._door is not None:
            self._door.store.close()
        if self._outbox is not None:
            self._outbox.close()


def _end(store: Store) -> None:
    """Free what a replaced writer holds, from the watchdog's thread."""
    store.end()


def log_rejected(ctx: Context[Any], letters: tuple[Any, ...]) -> None:
    """Tell of rows that the database cannot take, however often it is tried."""
    for letter in letters:
        text = f"The database cannot take a row of {letter.row.table}: {letter.reason}"
        ctx.log("row.rejected", level="error", text=text, table=letter.row.table)
