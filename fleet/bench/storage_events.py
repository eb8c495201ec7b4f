"""How quickly the newest events of some ships are found among millions."""

from __future__ import annotations

import io
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import POSTGRESQL, Database, both
from fleet.storage.tables import SHIP_IDS

EVENTS = 5_000_000
SHIPS = 200
ASKED = 10
LIMIT = 10_000
CHUNK = 100_000
REACH = {POSTGRESQL: 150.0}
"""Milliseconds; 250 for SQLite."""

KINDS = ("ship.docked", "ship.orbited", "cargo.sold", "cargo.bought", "extraction.done")


def events(plan: Plan) -> Iterator[Figure]:
    """Load five million events, then read in a new process each time."""
    count, ships = (EVENTS // 20, SHIPS // 10) if plan.quick else (EVENTS, SHIPS)
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: loading {count:,} events of {ships} ships")
            numbers = _load(database, count, ships)
            for limit, what in ((LIMIT // ASKED, "in all"), (LIMIT, "of each")):
                plan.say(f"{database.name}: reading")
                times = [_read(database, numbers, limit) for _ in range(5 if plan.quick else 20)]
                p95 = statistics.quantiles(times, n=20)[-1]
                yield Figure(
                    name=(
                        f"latest {LIMIT:,} events {what} of {ASKED} ships out of {count:,}, "
                        f"new process and connection, p95, {database.name}"
                    ),
                    value=p95 * 1000,
                    unit="ms",
                    reach=at_most(REACH.get(database.name, 250.0)),
                    spread=(min(times) * 1000, max(times) * 1000),
                    runs=len(times),
                )


def _load(database: Database, count: int, ships: int) -> list[str]:
    """Make ships and their events, in the order in which they would have come."""
    symbols = [f"BENCH-{number:X}" for number in range(ships)]
    with database.store.transaction() as connection:
        values = [{"namespace_id": database.namespace, "symbol": symbol} for symbol in symbols]
        connection.execute(SHIP_IDS.insert(), values)
        query = SHIP_IDS.select().with_only_columns(SHIP_IDS.c.id).order_by(SHIP_IDS.c.id)
        ids = list(connection.execute(query).scalars())[-ships:]
    for first in range(0, count, CHUNK):
        with database.store.transaction() as connection:
            driver = connection.connection.driver_connection
            rows = _events(database.namespace, ids, first, min(CHUNK, count - first))
            if isinstance(driver, sqlite3.Connection):
                marks = "INSERT INTO events (ship_id, at, seq, namespace_id, kind, credits, body)"
                with closing(driver.cursor()) as cursor:
                    cursor.executemany(f"{marks} VALUES (?, ?, ?, ?, ?, ?, NULL)", rows)
            else:
                assert driver is not None
                text = "".join(["\t".join(map(str, row)) + "\n" for row in rows])
                columns = "ship_id, at, seq, namespace_id, kind, credits"
                with closing(driver.cursor()) as cursor:
                    cursor.copy_expert(f"COPY events ({columns}) FROM STDIN", io.StringIO(text))
    _settle(database)
    return symbols[:ASKED]


def _events(
    namespace: int, ids: list[int], first: int, count: int
) -> Iterator[tuple[int, float, int, int, str, int]]:
    for number in range(first, first + count):
        # A few ships have many more events than the others.
        ship = ids[number % ASKED] if number % 10 == 0 else ids[number % len(ids)]
        kind = KINDS[number % len(KINDS)]
        yield ship, 1_782_000_000.0 + number / 4, number, namespace, kind, 100_000 + number


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
