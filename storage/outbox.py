"""Rows that must not be lost, on this machine's disk while the database is away."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.errors import DAMAGED, NO_DATABASE, StoreUnavailable, reason_of
from fleet.storage.location import locate
from fleet.storage.sqlite_connection import OwnedConnection

MAKE = (
    "CREATE TABLE IF NOT EXISTS waiting ("
    "place INTEGER PRIMARY KEY AUTOINCREMENT, namespace_id INTEGER NOT NULL, body BLOB NOT NULL)"
)
BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that has the file; there is none in a fleet."""


DAMAGES = frozenset({DAMAGED, NO_DATABASE})


class OutboxDamaged(StoreUnavailable):
    """The file could not be read and was set aside, if it could be: the next call begins anew."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row on its way to the database."""

    place: int
    """Its place in the order in which rows came."""

    row: Row


class Outbox:
    """A SQLite file of rows in order; for one thread at a time. Opened when it is first needed.

    Raises StoreUnavailable when this machine's disk does not take them either.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        # Looking costs nothing as long as there was never an outage.
        self._known_empty = not path.exists()

    def keep(self, namespace: int, rows: Sequence[Row]) -> None:
        """Store rows behind those that wait already; they survive the process and the machine."""
        values = [(namespace, encode(row)) for row in rows]
        self._run(
            lambda connection: connection.executemany(
                "INSERT INTO waiting (namespace_id, body) VALUES (?, ?)", values
            )
        )
        self._known_empty = False

    def oldest(self, namespace: int, most: int) -> list[Waiting]:
        """Read the rows that wait longest."""
        query = "SELECT place, body FROM waiting WHERE namespace_id = ? ORDER BY place LIMIT ?"
        found = self._run(
            lambda connection: connection.execute(query, (namespace, most)).fetchall()
        )
        return [Waiting(place, _legible(place, body)) for place, body in found]

    def forget(self, namespace: int, place: int) -> None:
        """Delete the rows up to a place: they are in the database."""
        query = "DELETE FROM waiting WHERE namespace_id = ? AND place <= ?"
        self._run(lambda connection: connection.execute(query, (namespace, place)))

    def count(self, namespace: int) -> int:
        """Count the rows that wait."""
        if self._known_empty:
            return 0
        query = "SELECT count(*) FROM waiting WHERE namespace_id = ?"
        ((found,),) = self._run(
            lambda connection: connection.execute(query, (namespace,)).fetchall()
        )
        if not found:
            self._known_empty = True
        return int(found)

    def namespaces(self) -> list[int]:
        """List whose rows wait."""
        if self._known_empty:
            return []
        query = "SELECT DISTINCT namespace_id FROM waiting ORDER BY namespace_id"
        found = self._run(lambda connection: connection.execute(query).fetchall())
        return [namespace for (namespace,) in found]

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, act: Any) -> Any:
        try:
            connection = self._opened()
            with connection:
                return act(connection)
        except (sqlite3.Error, OSError) as error:
            self.close()
            reason = reason_of(error)
            if reason in DAMAGES:
                raise OutboxDamaged(self._set_aside()) from error
            raise StoreUnavailable(f"{self.path}: {reason}") from error

    def _set_aside(self) -> str:
        """Keep the file for whoever can save something of it, and say so."""
        name = self.path.name
        aside = self.path.with_name(f"{name}.damaged")
        try:
            for end in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    self.path.with_name(f"{name}{end}").replace(f"{aside}{end}")
            self.path.replace(aside)
        except OSError as error:
            return f"{self.path} is damaged, and cannot be set aside ({error.strerror})"
        self._known_empty = True
        return f"{name} was damaged, and is kept as {aside}; rows in it are not written"

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT, check_same_thread=False, factory=OwnedConnection
            )
            try:
                self.path.chmod(0o600)
                with closing(connection.execute("PRAGMA journal_mode = WAL")):
                    pass
                with closing(connection.execute("PRAGMA synchronous = FULL")):
                    pass
                with connection:
                    connection.execute(MAKE)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def outbox_path(folder: Path, url: str) -> Path:
    """Name the outbox of a database: rows of one database must never get into another."""
    digest = hashlib.sha256(locate(url).identity.encode()).hexdigest()[:8]
    return folder / f"outbox-{digest}.sqlite"


def waiting_rows(folder: Path, url: str) -> int:
    """Count the rows of all agents that wait for a database. Raises StoreUnavailable."""
    rows = 0
    for path in folder.glob(f"{outbox_path(folder, url).stem}*.sqlite"):
        with closing(Outbox(path)) as outbox:
            rows += sum(map(outbox.count, outbox.namespaces()))
    return rows


def _legible(place: int, body: bytes) -> Row:
    """Read a row; one that is not whole comes back as one that no database takes."""
    try:
        return decode(body)
    except (ValueError, TypeError, LookupError):
        return Append("waiting", str(place), {"body": body.hex()})


def encode(row: Row) -> bytes:
    """Render a row."""
    match row:
        case Append():
            parts: list[Any] = ["append", row.table, row.id, dict(row.values)]
        case Upsert():
            parts = ["upsert", row.table, row.key, dict(row.values)]
        case Delete():
            parts = ["delete", row.table, row.key]
    return msgspec.json.encode(parts)


def decode(body: bytes) -> Row:
    """Read back what `encode` made."""
    kind, table, key, *values = msgspec.json.decode(body)
    match kind:
        case "append":
            return Append(table, key, *values)
        case "upsert":
            return Upsert(table, tuple(key), *values)
        case _:
            return Delete(table, tuple(key))
