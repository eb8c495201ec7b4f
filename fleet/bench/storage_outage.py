"""A writer whose database goes away for minutes, in a process of its own.

Run as `python -m fleet.bench.storage_outage FOLDER SECONDS`; writes what came of it as JSON.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from fleet.actors.database_writer import writer_props
from fleet.actors.writer_settings import WriterSettings
from fleet.bench.figure import Figure, at_most, within
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import SETTINGS, postgresql
from fleet.bench.storage_elsewhere import Elsewhere, end_in_order, tell
from fleet.bench.storage_rows import ledger
from fleet.bench.storage_server import postgresql_server
from fleet.protocol.rows import Flush, WriterQuery
from fleet.runtime import ActorSystem, GameClock, NullEvents, ThreadDispatcher
from fleet.storage.engine import open_store
from fleet.storage.tables import LEDGER

RATE = 50
"""Rows of the ledger per second."""

BEFORE = 2.0
PATIENCE = 120.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the rows."""

    sent: int
    stored: int
    distinct: int
    on_disk: int
    """Rows in the outbox just before the database was back."""

    replayed_in: float
    """Seconds from the server taking connections again until every row was durable."""


def measure(folder: Path, seconds: float) -> Outcome:
    """Send rows at a steady rate while the server is killed and stays away."""
    with postgresql_server(SETTINGS) as server, postgresql(server) as database:
        clock, events = GameClock(), NullEvents()
        dispatcher = ThreadDispatcher(clock, events)
        system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events)
        settings = WriterSettings(
            open_store=lambda: open_store(database.url),
            namespace=database.namespace,
            outbox=folder / "outbox.sqlite",
        )
        writer = system.spawn("/writer", writer_props(settings))
        sent = 0

        def send_for(length: float) -> None:
            nonlocal sent
            pause = threading.Event()
            end = time.perf_counter() + length
            while time.perf_counter() < end:
                writer.tell(ledger(sent))
                sent += 1
                pause.wait(1 / RATE)

        send_for(BEFORE)
        database.store.reset()
        server.kill()
        send_for(seconds)
        on_disk = writer.ask(WriterQuery(), timeout=PATIENCE).spilled
        server.start()
        back = time.perf_counter()
        send_for(1.0)
        writer.ask(Flush(), timeout=PATIENCE)
        replayed_in = time.perf_counter() - back
        with database.store.reading() as connection:
            count, ids = func.count(), func.count(LEDGER.c.id.distinct())
            stored, distinct = connection.execute(select(count, ids).select_from(LEDGER)).one()
        system.close()
        dispatcher.close()
    return Outcome(
        sent=sent, stored=stored, distinct=distinct, on_disk=on_disk, replayed_in=replayed_in
    )


class Outage:
    """Runs `measure` in another process, beside whatever is measured meanwhile."""

    def __init__(self, plan: Plan) -> None:
        self.seconds = 10 if plan.quick else 300
        folder = plan.folder / "outage"
        folder.mkdir()
        self._away = Elsewhere("fleet.bench.storage_outage", str(folder), str(self.seconds))

    def figures(self) -> Iterator[Figure]:
        """Wait for the end, and tell what came of it."""
        found = self._away.outcome(Outcome, self.seconds + 2 * PATIENCE)
        name = f"database away {self.seconds} s at {RATE} ledger rows/s, PostgreSQL killed"
        idle = "" if found.on_disk else "no row waited on disk"
        lost, doubled = found.sent - found.distinct, found.stored - found.distinct
        yield Figure(f"{name}: rows lost", lost, "rows", within(0, 0), runs=found.sent, why=idle)
        yield Figure(f"{name}: rows doubled", doubled, "rows", within(0, 0), why=idle)
        yield Figure(f"{name}: replayed after", found.replayed_in, "s", at_most(10), why=idle)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._away.end()


if __name__ == "__main__":
    end_in_order()
    tell(measure(Path(sys.argv[1]), float(sys.argv[2])))
