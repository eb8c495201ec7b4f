"""How long a ship's row is on its way until it is durable."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator

from fleet.actors.database_writer import writer_props
from fleet.actors.writer_settings import WriterSettings
from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import Database, both
from fleet.bench.storage_rows import ship
from fleet.protocol.rows import Flush
from fleet.runtime import ActorSystem, GameClock, NullEvents, ThreadDispatcher
from fleet.storage.batch import Batch, WriteReport
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import Lease

RATE = 200
"""Rows per second."""


class TimedStore(Store):
    """Notes when each ship's row was committed; one that is overtaken counts with the newer."""

    durable: dict[float, float]

    def write(self, batch: Batch, lease: Lease) -> WriteReport:
        """Write, and note the time."""
        report = super().write(batch, lease)
        now = time.perf_counter()
        for row in batch.upserts:
            self.durable[row.values["departure"]] = now
        return report


def latency(plan: Plan) -> Iterator[Figure]:
    """Send rows at a steady rate through the writer, on both databases."""
    seconds = 5 if plan.quick else 10
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: {RATE} rows/s for {seconds} s")
            found = sorted(_latencies(database, RATE * seconds))
            p95 = statistics.quantiles(found, n=100)[94]
            yield Figure(
                name=f"ship-to-durable latency p95 at {RATE} rows/s, {database.name}",
                value=p95 * 1000,
                unit="ms",
                reach=at_most(300),
                spread=(found[0] * 1000, found[-1] * 1000),
                runs=len(found),
            )


def _latencies(database: Database, count: int) -> list[float]:
    durable: dict[float, float] = {}

    def timed() -> Store:
        store = open_store(database.url)
        store.__class__ = TimedStore
        store.durable = durable  # type: ignore[attr-defined]
        return store

    clock, events = GameClock(), NullEvents()
    dispatcher = ThreadDispatcher(clock, events)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events)
    settings = WriterSettings(open_store=timed, namespace=database.namespace)
    writer = system.spawn("/writer", writer_props(settings))
    writer.ask(Flush(), timeout=30)
    sent: dict[float, float] = {}
    pause = threading.Event()
    began = time.perf_counter()
    for number in range(count):
        # Each row is another ship's, so that every one has to be written.
        row = ship(number, number)
        pause.wait(max(0.0, began + number / RATE - time.perf_counter()))
        sent[row.values["departure"]] = time.perf_counter()
        writer.tell(row)
    writer.ask(Flush(), timeout=30)
    system.close()
    dispatcher.close()
    return [durable[key] - at for key, at in sent.items()]
