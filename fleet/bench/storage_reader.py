"""Whether somebody's long query slows the writer down."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import Database, both
from fleet.bench.storage_rows import ledger, ship
from fleet.bench.storage_writes import write
from fleet.protocol.rows import Row

EVERY = 0.05
"""Seconds from one flush to the next: oftener than a fleet writes, so that there are enough."""

SHIPS = 20
LEDGER = 5


def reader(plan: Plan) -> Iterator[Figure]:
    """Write at a steady rate, without, with and again without a long query."""
    alone, together = (2.0, 5.0) if plan.quick else (8.0, 60.0)
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: flushes beside a query of {together:g} s")
            writing = Writing(database)
            before = writing.flush_for(alone)
            with_reader = _beside(writing, together)
            after = writing.flush_for(alone)
            quiet, busy = _p99(before + after), _p99(with_reader)
            yield Figure(
                name=f"flush p99 during a reader's query of {together:g} s, {database.name}",
                value=busy * 1000,
                unit="ms",
                reach=at_most(1.2, of="ratio"),
                spread=(min(with_reader) * 1000, max(with_reader) * 1000),
                runs=len(with_reader),
                paired_with="flush p99 without a reader",
                ratio=busy / quiet,
            )


class Writing:
    """Flushes what a fleet of twenty ships would have changed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._number = 0
        # The query needs something to read.
        write(database, [ledger(number, epoch=2) for number in range(3_000)])

    def flush_for(self, seconds: float) -> list[float]:
        """Flush at a steady rate; give the seconds that each flush took."""
        took: list[float] = []
        pause = threading.Event()
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            rows: list[Row] = [
                *(ship(number, self._number) for number in range(SHIPS)),
                *(ledger(self._number * LEDGER + part) for part in range(LEDGER)),
            ]
            self._number += 1
            first = time.perf_counter()
            write(self.database, rows)
            took.append(time.perf_counter() - first)
            pause.wait(max(0.0, now + EVERY - time.perf_counter()))
        return took


def _beside(writing: Writing, seconds: float) -> list[float]:
    command = [sys.executable, "-m", "fleet.bench.storage_long_query", writing.database.url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "reading\n":
            raise RuntimeError("the reader did not begin")
        found = writing.flush_for(seconds)
        if process.poll() is not None:
            raise RuntimeError("the reader's query ended too early")
        return found
    finally:
        process.kill()
        process.communicate()


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
