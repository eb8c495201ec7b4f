"""How the fleet connects: the settings of each connection, set where the server obeys them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from fleet.storage.busy import Busy
from fleet.storage.location import Location
from fleet.storage.sqlite_connection import EndableConnection, OwnedConnection

BUSY_TIMEOUT = 5.0
"""Seconds that SQLite waits for another process's transaction."""

WAL_ATTEMPTS = 20
"""How often a fresh SQLite file is asked for its log while other processes open it too."""

CONNECT_TIMEOUT = 10
"""Seconds until a PostgreSQL server that does not answer is given up."""

STATEMENT_TIMEOUT = 30_000
"""Milliseconds for one statement, and for a transaction in which nothing happens."""

LOCK_TIMEOUT = 10_000
"""Milliseconds to wait for a lock: less than the writer's budget, so that it can say why."""

TRANSACTION_TIMEOUT = 180_000
"""Milliseconds for a whole transaction; PostgreSQL has this limit since version 17."""

LOOK_FOR_CLIENT = 1_000
"""Milliseconds between two looks of the server whether a statement's client is still there."""

SINCE: Mapping[int, str] = {
    140_000: f"SET client_connection_check_interval = {LOOK_FOR_CLIENT}",
    170_000: f"SET transaction_timeout = {TRANSACTION_TIMEOUT}",
}
"""By the server's version; an older one refuses a connection that asks for what it doesn't know."""

SILENCE = 30_000
"""Milliseconds after which a network that carries nothing is taken for broken."""

READERS = 5
MORE_READERS = 10
"""Connections that readers keep, and how many more they may have for a while."""

POOL_TIMEOUT = 30.0
"""Seconds that a reader waits for another one's connection."""

WRITER_CACHE = 512
"""KiB of pages that a writer's connection to SQLite keeps in memory. With 2,000, as it would by
itself, batches into 16 MB of tables took as much processor time (measured): what is added to them,
and to their indexes, are few pages."""

CACHE = 2_000
"""The same for a reader's, as it does by itself."""

PASSING_CACHE = 256
"""The same for one that reads whole tables now and then, and has other pages by the next time. What
the start of a runtime reads took 1.5 MB after ten minutes at speed 60 and 2.7 after thirty, most of
it pages of ledger and surveys; with this it takes 1.0 after either (measured)."""


def writing_engine(location: Location, busy: Busy, *, durable: bool) -> Engine:
    """Make the engine of a writer: it may wait for locks, and takes them before it reads."""
    if location.path is None:
        return _watched(_postgresql(location, "fleet writer", {}, keep=1, more=1, ping=False), busy)
    engine = create_engine(
        location.url.update_query_dict({"timeout": str(BUSY_TIMEOUT)}),
        pool_size=1,
        connect_args={"factory": EndableConnection},
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
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE}").close()

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


def reading_engine(
    location: Location,
    busy: Busy,
    *,
    immutable: bool = False,
    keep: int = READERS,
    cache: int = CACHE,
) -> Engine:
    """Make an engine whose connections can't change the database.

    With `immutable` SQLite makes no file beside the database; only for one nobody writes to. Each
    connection to SQLite keeps at most `cache` KiB of what it has read.
    """
    more = READERS + MORE_READERS - keep
    if location.path is None:
        settings = {
            "default_transaction_read_only": "on",
            # Several queries of one transaction see one state of the database.
            "default_transaction_isolation": "repeatable\\ read",
        }
        return _watched(
            _postgresql(location, "fleet reader", settings, keep, more, ping=True), busy
        )
    query = {"uri": "true", "mode": "ro", "timeout": str(BUSY_TIMEOUT)}
    if immutable:
        query["immutable"] = "1"
    engine = create_engine(
        location.url.set(database=location.path.as_uri(), query=query),
        pool_size=keep,
        max_overflow=more,
        pool_timeout=POOL_TIMEOUT,
        connect_args={"factory": OwnedConnection},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = ON").close()
        # Negative: in KiB, and not in pages.
        connection.execute(f"PRAGMA cache_size = -{cache}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return _watched(engine, busy)


def _postgresql(
    location: Location,
    name: str,
    settings: Mapping[str, str],
    keep: int,
    more: int,
    *,
    ping: bool,
) -> Engine:
    limits: Mapping[str, int | str] = {
        "statement_timeout": STATEMENT_TIMEOUT,
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": STATEMENT_TIMEOUT,
    }
    options = " ".join(f"-c {key}={value}" for key, value in {**limits, **settings}.items())
    engine = create_engine(
        location.url,
        pool_size=keep,
        max_overflow=more,
        pool_timeout=POOL_TIMEOUT,
        # The writer finds a broken connection by its next transaction, which is tried again;
        # asking before each would be one more of them.
        pool_pre_ping=ping,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            "options": options,
            "application_name": name,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": SILENCE,
        },
    )

    @event.listens_for(engine, "connect")
    def _limit(connection: Any, _entry: ConnectionPoolEntry) -> None:
        with connection.cursor() as cursor:
            for version, statement in SINCE.items():
                if connection.server_version >= version:
                    cursor.execute(statement)
        connection.commit()

    return engine


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
