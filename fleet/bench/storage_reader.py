"""Whether somebody's long query slows the writer down."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import NullPool, create_engine, text

from fleet.actors.writer_settings import PERIOD
from fleet.bench.figure import Figure, Reach, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import Database, both
from fleet.bench.storage_direct import Direct, direct
from fleet.bench.storage_rows import ledger, ship
from fleet.bench.storage_writes import write
from fleet.protocol.rows import Row

HASTE = 0.05
"""Five times the writer's pace. While a query runs, PostgreSQL keeps every version of a row since
the query began, and whoever looks for it by its key looks at all of them."""

SHIPS = 20
"""All of them change in each flush: no fleet could make more versions of a row at that pace."""

LEDGER = 5


def reader(plan: Plan) -> Iterator[Figure]:
    """Write without and with a long query; on PostgreSQL in haste, too, and beside its bound."""
    rounds, alone, together = (1, 2.0, 5.0) if plan.quick else (4, 60.0, 60.0)
    name = f"flush p99 during a reader's query of {together:g} s"
    reach = at_most(1.2, of="ratio")
    with both(plan.folder) as (there, here):
        plan.say(f"{there.name}: flushes beside a query of {together:g} s")
        writing = Writing(there)
        with direct(there, SHIPS) as bare:
            paced = [_round(writing, PERIOD, alone, together, bare) for _ in range(rounds)]
        yield _figure(f"{name}, {there.name}", [(one.took, two.took) for one, two in paced], reach)
        yield _bound([(one.bare, two.bare) for one, two in paced])
        one, two = _round(writing, HASTE, alone / 3, together)
        yield _figure(f"{name}, {there.name}, five times as often", [(one.took, two.took)])
        plan.say(f"{here.name}: the same")
        writing = Writing(here)
        paced = [_round(writing, PERIOD, alone, together) for _ in range(rounds)]
        yield _figure(f"{name}, {here.name}", [(one.took, two.took) for one, two in paced], reach)


Pairs = list[tuple[list[float], list[float]]]
"""Rounds: seconds that each flush took, without and with a reader."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds that each flush took, of the store and of the bare driver beside it."""

    took: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def _round(
    writing: Writing, every: float, alone: float, together: float, bare: Direct | None = None
) -> tuple[Run, Run]:
    return writing.flush_for(alone, every, bare), _beside(writing, together, every, bare)


def _figure(name: str, rounds: Pairs, reach: Reach | None = None) -> Figure:
    alone = [took for without, _ in rounds for took in without]
    beside = [took for _, within in rounds for took in within]
    return Figure(
        name=name,
        value=_p99(beside) * 1000,
        unit="ms",
        reach=reach,
        spread=(min(beside) * 1000, max(beside) * 1000),
        runs=len(beside),
        paired_with="flush p99 without a reader",
        ratio=_p99(beside) / _p99(alone),
    )


def _bound(rounds: Pairs) -> Figure:
    name = (
        f"the bare driver's transaction that puts new versions of {SHIPS} ships, at the same time"
    )
    return replace(_figure(name, rounds), paired_with="without a reader", bound=True)


class Writing:
    """Flushes what a fleet of twenty ships would have changed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._number = 0
        # The query needs something to read.
        write(database, [ledger(number, epoch=2) for number in range(3_000)])
        # The first flush opens the connection and is none of those to compare.
        self._flush()

    def flush_for(self, seconds: float, every: float, bare: Direct | None) -> Run:
        """Flush each so many seconds, and the bare driver in the middle between two flushes."""
        run = Run()
        pause = threading.Event()
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            run.took.append(self._flush())
            if bare is not None:
                pause.wait(max(0.0, now + every / 2 - time.perf_counter()))
                run.bare.append(bare.flush())
            pause.wait(max(0.0, now + every - time.perf_counter()))
        return run

    def _flush(self) -> float:
        rows: list[Row] = [
            *(ship(number, self._number) for number in range(SHIPS)),
            *(ledger(self._number * LEDGER + part) for part in range(LEDGER)),
        ]
        self._number += 1
        began = time.perf_counter()
        write(self.database, rows)
        return time.perf_counter() - began


def _beside(writing: Writing, seconds: float, every: float, bare: Direct | None) -> Run:
    command = [sys.executable, "-m", "fleet.bench.storage_long_query", writing.database.url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    backend = ""
    try:
        assert process.stdout is not None
        said, _, backend = process.stdout.readline().strip().partition(" ")
        if said != "reading":
            raise RuntimeError("the reader did not begin")
        found = writing.flush_for(seconds, every, bare)
        if process.poll() is not None:
            raise RuntimeError("the reader's query ended too early")
        return found
    finally:
        process.kill()
        process.communicate()
        if backend:
            _end(writing.database.url, int(backend))


def _end(url: str, backend: int) -> None:
    """End a killed reader's query: PostgreSQL goes on with it, and no flush would be alone."""
    query = text("SELECT pg_terminate_backend(:pid, 10000)")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.execute(query, {"pid": backend}).scalar_one():
            raise RuntimeError("the reader's query did not end")


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
