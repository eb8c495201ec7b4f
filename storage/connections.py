"""How the fleet connects: settings of each connection, and a way to end what one is doing."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from fleet.storage.location import Location

BUSY_TIMEOUT = 5.0
"""Seconds that SQLite waits for another process's transaction."""

WAL_ATTEMPTS = 20
"""How often a fresh SQLite file is asked for its log while other processes open it too."""

CONNECT_TIMEOUT = 10
"""Seconds until a PostgreSQL server that does not answer is given up."""

STATEMENT_TIMEOUT = 30_000
"""Milliseconds for one statement, one lock, one idle transaction, one silent network."""

CANCEL_TIMEOUT = 1.0
"""Seconds for PostgreSQL to take a cancel request; then the socket is shut instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Busy:
    """The connections in use, so that another thread can end what they do."""

    _connections: dict[ConnectionPoolEntry, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: ConnectionPoolEntry, connection: Any) -> None:
        """Remember a driver's connection that is about to be used."""
        with self._lock:
            self._connections[entry] = connection

    def remove(self, entry: ConnectionPoolEntry) -> None:
        """Forget the connection of this place in the pool: it is idle again."""
        with self._lock:
            self._connections.pop(entry, None)

    def interrupt(self) -> int:
        """End every running statement; say how many connections were in use. Any thread."""
        with self._lock:
            found = tuple(self._connections.values())
        for connection in found:
            _interrupt(connection)
        return len(found)


def writing_engine(location: Location, busy: Busy, *, durable: bool) -> Engine:
    """Make the engine of a writer: it may wait for locks, and takes them before it reads."""
    if location.path is None:
        return _watched(_postgresql(location, read_only=False), busy)
    engine = create_engine(
        location.url.update_query_dict({"timeout": str(BUSY_TIMEOUT)}), pool_size=1
    )
    synchronous = "FULL" if durable else "NORMAL"

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: it would leave savepoints out.
        connection.isolation_level = None
        _use_wal(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}").close()
        connection.execute("PRAGMA foreign_keys = ON").close()
        connection.execute("PRAGMA journal_size_limit = 67108864").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails when another wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return _watched(engine, busy)


def _use_wal(connection: sqlite3.Connection) -> None:
    for _attempt in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            # SQLite does not wait for others here; a transaction does.
            connection.execute("BEGIN IMMEDIATE").close()
            connection.execute("ROLLBACK").close()
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL").close()


def reading_engine(location: Location, busy: Busy, *, immutable: bool = False) -> Engine:
    """Make an engine whose connections can't change the database.

    With `immutable` SQLite makes no file beside the database; only for one nobody writes to.
    """
    if location.path is None:
        return _watched(_postgresql(location, read_only=True), busy)
    query = {"uri": "true", "mode": "ro", "timeout": str(BUSY_TIMEOUT)}
    if immutable:
        query["immutable"] = "1"
    engine = create_engine(
        location.url.set(database=location.path.as_uri(), query=query), pool_size=2
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = ON").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return _watched(engine, busy)


def _postgresql(location: Location, *, read_only: bool) -> Engine:
    settings: dict[str, int | str] = {
        "statement_timeout": STATEMENT_TIMEOUT,
        "lock_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": STATEMENT_TIMEOUT,
    }
    if read_only:
        settings["default_transaction_read_only"] = "on"
        # Several queries of one transaction see one state of the database.
        settings["default_transaction_isolation"] = "repeatable\\ read"
    return create_engine(
        location.url,
        pool_size=2 if read_only else 1,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "fleet reader" if read_only else "fleet writer",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": STATEMENT_TIMEOUT,
        },
    )


def _watched(engine: Engine, busy: Busy) -> Engine:
    @event.listens_for(engine, "checkout")
    def _checkout(
        connection: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        busy.add(entry, connection)

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, entry: ConnectionPoolEntry) -> None:
        # An invalidated connection comes back as None; its place in the pool is always there.
        busy.remove(entry)

    return engine


def _interrupt(connection: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        # Closed in the meantime: then nothing runs on it any more.
        with contextlib.suppress(sqlite3.ProgrammingError):
            connection.interrupt()
        return
    canceller = threading.Thread(target=_cancel, args=(connection,), daemon=True)
    canceller.start()
    canceller.join(CANCEL_TIMEOUT)
    if canceller.is_alive():
        _shut(connection)


def _cancel(connection: Any) -> None:
    # The driver's errors have no common base here; a cancel that fails leaves the socket's end.
    with contextlib.suppress(Exception):
        connection.cancel()


def _shut(connection: Any) -> None:
    with contextlib.suppress(Exception):
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        try:
            handle.shutdown(socket.SHUT_RDWR)
        finally:
            handle.close()
