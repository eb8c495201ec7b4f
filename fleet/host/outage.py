"""A database that takes nothing for a while, as one that a forgotten transaction has locked."""

from __future__ import annotations

import threading

from sqlalchemy import text

from fleet.protocol.errors import FleetError
from fleet.runtime.events import EventSink
from fleet.storage.engine import open_store

ALIVE = 5.0
"""Wall seconds between two signs of life: a server ends transactions that only sit there."""


class Outage:
    """Holds the writer's lock from a thread of its own; several may follow each other."""

    def __init__(self, url: str, events: EventSink) -> None:
        """Name the database; nothing is opened yet."""
        self._url = url
        self._events = events
        self._closed = threading.Event()

    def begin(self, seconds: float) -> None:
        """Lock everybody out from now on, for so many wall seconds."""
        thread = threading.Thread(target=self._run, args=(seconds,), name="outage", daemon=True)
        thread.start()

    def close(self) -> None:
        """End every outage at once."""
        self._closed.set()

    def _run(self, seconds: float) -> None:
        try:
            self._hold(seconds)
        except FleetError as failure:
            self._events.emit("outage.failed", level="warning", text=str(failure))

    def _hold(self, seconds: float) -> None:
        store = open_store(self._url, create=False)
        try:
            # SQLite takes the lock of all writers with the begin itself.
            with store.transaction() as connection:
                if store.location.path is None:
                    connection.execute(text("LOCK TABLE writer_lease IN ACCESS EXCLUSIVE MODE"))
                self._events.emit("outage.started", level="warning", seconds=seconds)
                while seconds > 0 and not self._closed.wait(min(seconds, ALIVE)):
                    connection.execute(text("SELECT 1"))
                    seconds -= ALIVE
        finally:
            store.close()
            self._events.emit("outage.ended")
