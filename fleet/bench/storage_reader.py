"""Whether somebody's long query slows the writer down."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Write without and with a long query; on PostgreSQL in haste, too, and beside its bounds."""
    rounds, alone, together = (1, 2.0, 5.0) if plan.quick else (4, 60.0, 60.0)
    name = f"flush p99 during a reader's query of {together:g} s"
    reach = at_most(1.2, of="ratio")
    with both(plan.folder) as (there, here):
        plan.say(f"{there.name}: flushes beside a query of {together:g} s")
        writing = Writing(there)
        with direct(there, SHIPS) as bare:
            paced = Rounds(writing, PERIOD, bare)
            for _ in range(rounds):
                paced.add(alone, together, control=together)
        yield _figure(f"{name}, {there.name}", paced.alone.took, paced.beside.took, reach)
        yield from _bounds(paced)
        hasty = Rounds(writing, HASTE)
        hasty.add(alone / 3, together)
        name_of_hasty = f"{name}, {there.name}, five times as often"
        yield _figure(name_of_hasty, hasty.alone.took, hasty.beside.took)
        plan.say(f"{here.name}: the same")
        paced = Rounds(Writing(here), PERIOD)
        for _ in range(rounds):
            paced.add(alone, together)
        yield _figure(f"{name}, {here.name}", paced.alone.took, paced.beside.took, reach)


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds that each flush took, of the store and of the bare driver beside it."""

    took: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


class Rounds:
    """Flushes without and with company, in turns."""

    def __init__(self, writing: Writing, every: float, bare: Direct | None = None) -> None:
        """Choose the seconds from one flush to the next, and whether the bare driver flushes."""
        self._writing, self._every, self._bare = writing, every, bare
        self.alone, self.beside, self.control = Run(), Run(), Run()

    def add(self, alone: float, together: float, control: float = 0.0) -> None:
        """Flush for some seconds alone, and for some beside a reader's query.

        Between the two for some beside a process that computes, and asks the database nothing.
        """
        self._flush(self.alone, alone)
        if control:
            with _computing():
                self._flush(self.control, control)
        with _reading(self._writing.database.url) as query:
            self._flush(self.beside, together)
            if query.poll() is not None:
                raise RuntimeError("the reader's query ended too early")

    def _flush(self, run: Run, seconds: float) -> None:
        self._writing.flush_for(run, seconds, self._every, self._bare)


def _figure(
    name: str, alone: list[float], beside: list[float], reach: Reach | None = None
) -> Figure:
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


def _bounds(paced: Rounds) -> Iterator[Figure]:
    """Make the rows of what no store comes below: less work, and a reader that reads nothing."""
    bare = f"the bare driver's transaction that puts new versions of {SHIPS} ships"
    company = "beside a process that computes, and asks the database nothing"
    for figure in (
        _figure(f"{bare}, at the same time", paced.alone.bare, paced.beside.bare),
        _figure(f"flush p99 {company}", paced.alone.took, paced.control.took),
        _figure(f"{bare}, {company}", paced.alone.bare, paced.control.bare),
    ):
        yield replace(figure, paired_with="the same without", bound=True)


class Writing:
    """Flushes what a fleet of twenty ships would have changed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._number = 0
        # The query needs something to read.
        write(database, [ledger(number, epoch=2) for number in range(3_000)])
        # The first flush opens the connection and is none of those to compare.
        self._flush()

    def flush_for(self, run: Run, seconds: float, every: float, bare: Direct | None) -> None:
        """Flush each so many seconds, and the bare driver in the middle between two flushes."""
        pause = threading.Event()
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            run.took.append(self._flush())
            if bare is not None:
                pause.wait(max(0.0, now + every / 2 - time.perf_counter()))
                run.bare.append(bare.flush())
            pause.wait(max(0.0, now + every - time.perf_counter()))

    def _flush(self) -> float:
        rows: list[Row] = [
            *(ship(number, self._number) for number in range(SHIPS)),
            *(ledger(self._number * LEDGER + part) for part in range(LEDGER)),
        ]
        self._number += 1
        began = time.perf_counter()
        write(self.database, rows)
        return time.perf_counter() - began


@contextmanager
def _reading(url: str) -> Iterator[subprocess.Popen[str]]:
    """Have a reader's query run meanwhile."""
    command = [sys.executable, "-m", "fleet.bench.storage_long_query", url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    backend = ""
    try:
        assert process.stdout is not None
        said, _, backend = process.stdout.readline().strip().partition(" ")
        if said != "reading":
            raise RuntimeError("the reader did not begin")
        yield process
    finally:
        process.kill()
        process.communicate()
        if backend:
            _end(url, int(backend))


@contextmanager
def _computing() -> Iterator[None]:
    """Have a process take a core meanwhile, as a reader's query does."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _end(url: str, backend: int) -> None:
    """End a killed reader's query: PostgreSQL goes on with it, and no flush would be alone."""
    query = text("SELECT pg_terminate_backend(:pid, 10000)")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.execute(query, {"pid": backend}).scalar_one():
            raise RuntimeError("the reader's query did not end")


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
