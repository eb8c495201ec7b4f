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

CANCEL_TIMEOUT = 1.0
"""Seconds for PostgreSQL to take a cancel request; then the socket is shut instead."""


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
            elif not _cancel(connection):
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
                # The server notices a socket that is shut only when no statement runs.
                _cancel(connection)
                _shut(connection)
        return len(found)

    def _all(self) -> tuple[Any, ...]:
        with self._lock:
            return tuple(self._connections.values())


def _cancel(connection: Any) -> bool:
    """Ask PostgreSQL to end the statement; say whether it has taken the request."""
    # A server that is frozen takes no connection either, and libpq waits for it without end.
    canceller = threading.Thread(target=_ask_to_cancel, args=(connection,), daemon=True)
    canceller.start()
    canceller.join(CANCEL_TIMEOUT)
    return not canceller.is_alive()


def _ask_to_cancel(connection: Any) -> None:
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
