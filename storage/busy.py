"""The connections in use, and how another thread ends what they do."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry

from fleet.storage.sqlite_connection import EndableConnection


@dataclass(frozen=True, slots=True, eq=False)
class Busy:
    """The connections in use; for any thread."""

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
        """End every running statement; say how many connections were in use."""
        found = self._all()
        for connection in found:
            if isinstance(connection, sqlite3.Connection):
                # Closed in the meantime: then nothing runs on it any more.
                with contextlib.suppress(sqlite3.ProgrammingError):
                    connection.interrupt()
            else:
                _shut(connection)
        return len(found)

    def end(self) -> int:
        """End every transaction, whether a statement runs in it or not; say how many there were.

        Its owner may hang between two statements and hold its locks for ever.
        """
        found = self._all()
        for connection in found:
            if isinstance(connection, EndableConnection):
                connection.end()
            elif not isinstance(connection, sqlite3.Connection):
                _shut(connection)
        return len(found)

    def _all(self) -> tuple[Any, ...]:
        with self._lock:
            return tuple(self._connections.values())


def _shut(connection: Any) -> None:
    """End a PostgreSQL connection; the server is told to look for that while a statement runs.

    The driver's own way to cancel a statement asks the server by another connection, and keeps
    the interpreter's lock until it answers: a frozen server would freeze every actor.
    """
    with contextlib.suppress(Exception):
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        try:
            handle.shutdown(socket.SHUT_RDWR)
        finally:
            handle.close()
