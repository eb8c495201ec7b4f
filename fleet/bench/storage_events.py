"""How quickly the newest events of some ships are found among millions."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import select, text

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import POSTGRESQL, Database, both
from fleet.bench.storage_memory import Growing
from fleet.storage.tables import SHIP_IDS

EVENTS = 5_000_000
SHIPS = 200
ASKED = 10
LIMIT = 10_000
CHUNK = 250_000
REACH = {POSTGRESQL: 150.0}
"""Milliseconds for all of them together; 250 for SQLite."""

SERIES = (
    """(WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)
        SELECT i FROM n) AS numbers""",
    "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS numbers(i)",
)
"""The numbers of the events, on SQLite and on PostgreSQL: millions take too long from Python."""

WITHOUT_LIMITS = (
    "SET LOCAL statement_timeout = 0",
    # A look at the ship of each event would take most of the time.
    "SET LOCAL session_replication_role = replica",
)

# A few ships have many more events than the others.
FILL = """
INSERT INTO events (ship_id, at, seq, namespace_id, kind, credits)
SELECT :first_id + CASE WHEN i % 10 = 0 THEN (i / 10) % :busy ELSE (i + i / 10) % :ships END,
       1782000000.0 + i / 4.0, i, :namespace,
       CASE i % 4 WHEN 0 THEN 'ship.docked' WHEN 1 THEN 'cargo.sold' WHEN 2 THEN 'cargo.bought'
                  ELSE 'extraction.done' END,
       100000 + i
"""


def events(plan: Plan) -> Iterator[Figure]:
    """Load five million events, then read in a new process each time.

    Nothing is timed while they are loaded: the memory of the writer is looked at meanwhile.
    """
    count, ships = (EVENTS // 20, SHIPS // 10) if plan.quick else (EVENTS, SHIPS)
    growing = Growing(plan)
    try:
        with both(plan.folder) as databases:
            loaded = []
            for database in databases:
                plan.say(f"{database.name}: loading {count:,} events of {ships} ships")
                loaded.append((database, _load(database, count, ships)))
            plan.say(f"writing {growing.rows:,} rows to each database")
            yield from growing.figures()
            for database, numbers in loaded:
                plan.say(f"{database.name}: reading")
                yield from _reading(database, numbers, count, 5 if plan.quick else 20)
    finally:
        growing.end()


def _reading(database: Database, ships: list[str], count: int, runs: int) -> Iterator[Figure]:
    for limit, what in ((LIMIT // ASKED, "in all"), (LIMIT, "of each")):
        times = [_read(database, ships, limit) for _ in range(runs)]
        yield Figure(
            name=(
                f"latest {LIMIT:,} events {what} of {ASKED} ships out of {count:,}, "
                f"new process and connection, p95, {database.name}"
            ),
            value=statistics.quantiles(times, n=20, method="inclusive")[-1] * 1000,
            unit="ms",
            reach=at_most(REACH.get(database.name, 250.0)) if limit < LIMIT else None,
            spread=(min(times) * 1000, max(times) * 1000),
            runs=len(times),
        )


def _load(database: Database, count: int, ships: int) -> list[str]:
    """Make ships and their events, in the order in which they would have come."""
    symbols = [f"BENCH-{number:X}" for number in range(ships)]
    with database.store.transaction() as connection:
        values = [{"namespace_id": database.namespace, "symbol": symbol} for symbol in symbols]
        connection.execute(SHIP_IDS.insert(), values)
        query = select(SHIP_IDS.c.id).filter_by(symbol=symbols[0])
        first_id = connection.execute(query).scalar_one()
    numbers = SERIES[database.name == POSTGRESQL]
    for first in range(0, count, CHUNK):
        with database.store.transaction() as connection:
            for setting in WITHOUT_LIMITS if database.name == POSTGRESQL else ():
                connection.execute(text(setting))
            settings = {"first": first, "last": min(first + CHUNK, count) - 1, "ships": ships}
            settings |= {"first_id": first_id, "namespace": database.namespace, "busy": ASKED}
            connection.execute(text(f"{FILL} FROM {numbers}"), settings)
    _settle(database)
    return symbols[:ASKED]


def _settle(database: Database) -> None:
    """Let the database tidy up, as it would long since have done."""
    if database.name == POSTGRESQL:
        # Not within a transaction, which the store's connections always are in.
        import psycopg2  # type: ignore[import-untyped]

        url = database.store.location.url
        with closing(
            psycopg2.connect(dbname=url.database, user=url.username, host=url.query["host"])
        ) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE) events")
                cursor.execute("CHECKPOINT")


def _read(database: Database, ships: list[str], limit: int) -> float:
    command = [sys.executable, "-m", "fleet.bench.storage_history", database.url]
    command += [str(database.namespace), str(limit), *ships]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took, rows = done.stdout.split()
    if int(rows) != limit * len(ships):
        raise RuntimeError(f"{rows} events came back, not {limit * len(ships)}")
    return float(took)
