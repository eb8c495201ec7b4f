"""The store: one writer's door to the database, opened with the tables up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet.protocol.errors import SetupError, Unreachable
from fleet.storage import lease as leases
from fleet.storage import schema
from fleet.storage.batch import Batch, WriteReport
from fleet.storage.bulk import COPY_FROM, Bulk, PostgresqlBulk, SqliteBulk
from fleet.storage.busy import Busy
from fleet.storage.connections import PASSING_CACHE, writing_engine
from fleet.storage.errors import IN_USE, MOVED, READ_ONLY, StoreUnavailable, reason_of, unavailable
from fleet.storage.flush import Flush, Prepared, prepare
from fleet.storage.keys import Keys
from fleet.storage.lease import Lease
from fleet.storage.location import Location, check_file, locate
from fleet.storage.places import Places
from fleet.storage.reader import Reader, inspect_file
from fleet.storage.written import Written

NO_COPY = 1 << 62
READ_ONLY_FILE = "The database {} is read-only; choose another --database."
LANDINGS = "landings"
"""Where a connection's own memory names its temporary tables."""


class Store:
    """Writes batches and begins transactions, in one thread; only `interrupt` is for others.

    Each incarnation of the writer opens its own: what a replaced writer still does must not
    disturb the memory of its successor. Made by `open_store`.
    """

    def __init__(self, location: Location, *, durable: bool) -> None:
        self.location = location
        self._busy = Busy()
        self._engine = writing_engine(location, self._busy, durable=durable)
        self._reader: Reader | None = None
        self._file = location.file
        self._keys = Keys()
        self._written = Written()
        self._places = Places()
        self._epoch: int | None = None

    def write(self, batch: Batch, lease: Lease) -> WriteReport:
        """Write a batch in one transaction, all of it but for the rows that can't be written.

        Raises LeaseLost if another writer has the lease, StoreUnavailable if the database
        did not take the transaction: nothing was written then, and the batch may be retried.
        """
        if not batch:
            return WriteReport(0, 0)
        if lease.epoch != self._epoch:
            self._forget()
            self._epoch = lease.epoch
        ready = prepare(batch, self._written)
        try:
            flush = self._attempt(batch.namespace, ready, lease)
        except BaseException:
            # Whether the commit happened may be unknown, so nothing is known any more.
            self._forget()
            raise
        self._written.keep(flush.kept)
        return WriteReport(
            written=flush.written,
            unchanged=flush.unchanged + ready.unchanged,
            rejected=(*ready.rejected, *flush.rejected),
        )

    def _attempt(self, namespace: int, ready: Prepared, lease: Lease) -> Flush:
        try:
            return self._flush(namespace, ready, lease, careful=False)
        except self._refusals:
            self._keys.forget()
        return self._flush(namespace, ready, lease, careful=True)

    def _flush(self, namespace: int, ready: Prepared, lease: Lease, *, careful: bool) -> Flush:
        with self.transaction() as connection:
            leases.check(connection, lease)
            known = connection.info
            bulk = self._bulk(known.get(LANDINGS, ()), careful=careful)
            flush = Flush(connection, bulk, self._refusals, careful)
            flush.run(namespace, ready, self._keys)
        if isinstance(bulk, PostgresqlBulk):
            known[LANDINGS] = bulk.landings
        return flush

    def _bulk(self, landings: Collection[str], *, careful: bool) -> Bulk:
        if self.location.path:
            return SqliteBulk()
        # The halves of a failed batch would meet each other's rows in the temporary table.
        if careful:
            return PostgresqlBulk(NO_COPY, landings)
        return PostgresqlBulk(COPY_FROM, landings, self._places)

    @property
    def _refusals(self) -> tuple[type[Exception], ...]:
        driver: Any = self._engine.dialect.dbapi
        return driver.IntegrityError, driver.DataError

    def _forget(self) -> None:
        self._written.clear()
        self._keys.forget()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin a transaction that commits at the end of the block and rolls back on an error.

        Raises StoreUnavailable for whatever the database can't do; the driver's refusals of a
        bad row pass through as they are.
        """
        driver: Any = self._engine.dialect.dbapi
        if self._file != self.location.file:
            # What is open still is a file without a name, which ends with this process.
            raise StoreUnavailable(MOVED)
        try:
            with self._engine.begin() as connection:
                yield connection
        except self._refusals:
            raise
        except (SQLAlchemyError, driver.Error) as error:
            raise unavailable(error) from error

    def reader(self) -> Reader:
        """Give the store's own reader, which uses connections of its own."""
        if self._reader is None:
            # One is enough for the store's own questions; others come and go.
            self._reader = Reader(self.location, self._busy, keep=1, cache=PASSING_CACHE)
        return self._reader

    def reading(self) -> AbstractContextManager[Connection]:
        """Begin a read-only transaction, see `Reader.reading`."""
        return self.reader().reading()

    def interrupt(self) -> int:
        """End every statement that runs now; callable from any thread.

        The thread that waits for it gets StoreUnavailable. Says how many connections were in
        use.
        """
        return self._busy.interrupt()

    def end(self) -> int:
        """End every transaction that somebody is in, whatever he does; callable from any thread.

        For a store whose owner hangs and was replaced: what he held is free, and he gets
        StoreUnavailable should he ever go on. Says how many connections were in use.
        """
        return self._busy.end()

    def reset(self) -> None:
        """Throw idle connections away: after failures in a row all of them may be broken."""
        if self._reader is not None:
            self._reader.reset()
        self._engine.dispose()

    def close(self) -> None:
        """Close all idle connections; one in use closes when its user gives it back."""
        if self._reader is not None:
            self._reader.close()
        self._engine.dispose()

    def prepare(self, *, create: bool) -> None:
        """Bring the tables up to date. Raises SetupError; nothing is changed then.

        An Unreachable is one that waiting, or somebody who mends it meanwhile, may help against.
        """
        try:
            with self._engine.begin() as connection:
                state = schema.compare(schema.revision(connection))
                if state is schema.State.EMPTY and not create:
                    shown = self.location.shown
                    raise SetupError(f"The database {shown} is empty; run `fleet db upgrade`.")
                if state is not schema.State.CURRENT:
                    schema.upgrade(connection)
                # Takes the locks of a write without writing: read-only databases refuse it.
                connection.execute(text(f"DELETE FROM {schema.VERSION_TABLE} WHERE 1 = 0"))
                self._file = self.location.file
        except DBAPIError as error:
            raise Unreachable(_sentence(self.location, error)) from error


def open_store(url: str, *, create: bool = True, durable: bool = False) -> Store:
    """Open the database for writing, making or upgrading its tables first.

    With `durable` SQLite waits for the disk at each commit, so that even a power cut loses
    nothing; otherwise only a crash of the process loses nothing. Raises UsageError for a URL
    that can't be used and SetupError for a database that can't; nothing is changed then.
    """
    location = locate(url)
    if location.path and check_file(location.path, create=create):
        inspect_file(location)
        if location.still:
            # SQLite would say that it is unable to open the file.
            raise Unreachable(READ_ONLY_FILE.format(location.shown))
    store = Store(location, durable=durable)
    try:
        store.prepare(create=create)
    except BaseException:
        store.close()
        raise
    return store


def _sentence(location: Location, error: DBAPIError) -> str:
    reason = reason_of(error.orig)
    if reason == READ_ONLY:
        return READ_ONLY_FILE.format(location.shown)
    if reason == IN_USE:
        return f"The database {location.shown} is in use by another program; stop it first."
    return f"The database {location.shown} cannot be used: {reason}."
