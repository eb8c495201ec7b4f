"""How many rows a second get into each database, and what leaving out the unchanged ones buys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice

from fleet.bench.figure import Figure, at_least
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import POSTGRESQL, Database, both, sqlite
from fleet.bench.storage_rows import ship, upserts
from fleet.protocol.rows import Row, Upsert
from fleet.storage.batch import Batch
from fleet.storage.bulk import Bulk, PostgresqlBulk, SqliteBulk
from fleet.storage.busy import Busy
from fleet.storage.connections import writing_engine
from fleet.storage.shape import shape_of
from fleet.storage.statements import statements_of

BATCH = 1_000
MANY = 10_000
"""The most that the writer puts into one transaction."""

BASELINE = "one upsert per commit"
BARE = "the bare driver, with the same statements and tuples that are there already"
"""The bound for all that is done in Python before."""


def changed_rows(plan: Plan) -> Iterator[Figure]:
    """Measure batches of ships that all changed, beside one upsert per commit."""
    rounds = 3 if plan.quick else 7
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: {BATCH:,} changed ships per batch")
            yield from _changed(database, rounds, batches=5 if plan.quick else 20)
    yield _durable_cost(plan, rounds)


def _changed(database: Database, rounds: int, batches: int) -> Iterator[Figure]:
    rows = upserts(BATCH)
    write(database, list(islice(rows, BATCH)))
    runs = interleaved(
        {
            "batch": lambda: batched_rate(database, rows, batches),
            BASELINE: lambda: single_rate(database, rows, BATCH // 2),
            BARE: lambda: bare_rate(database, rows, batches),
        },
        rounds,
    )
    batch, single = runs["batch"], runs[BASELINE]
    name = f"changed ship rows/s, batch {BATCH:,}, {database.name}"
    asked = database.name == POSTGRESQL
    yield Figure(
        name=name,
        value=batch.median,
        unit="rows/s",
        reach=at_least(40_000) if asked else None,
        spread=batch.spread,
        runs=rounds,
    )
    yield Figure(
        name=f"{name} to {BASELINE}",
        value=batch.median,
        unit="rows/s",
        reach=at_least(30, of="ratio") if asked else None,
        spread=batch.spread,
        runs=rounds,
        paired_with=BASELINE,
        ratio=ratio(batch, single),
    )
    yield Figure(
        name=f"{name} to {BARE}",
        value=runs[BARE].median,
        unit="rows/s",
        spread=runs[BARE].spread,
        runs=rounds,
        paired_with="the writer's way",
        ratio=ratio(runs[BARE], batch),
    )


def unchanged_rows(plan: Plan) -> Iterator[Figure]:
    """Measure batches of which a tenth changed, beside batches that changed altogether."""
    rounds, batches = (3, 1) if plan.quick else (7, 3)
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: batches of which a tenth changed")
            runs = interleaved(_tenth(database, batches), rounds)
            yield Figure(
                name=f"submitted ship rows/s when 10 % changed, batch {MANY:,}, {database.name}",
                value=runs["tenth"].median,
                unit="rows/s",
                reach=at_least(3, of="ratio"),
                spread=runs["tenth"].spread,
                runs=rounds,
                paired_with="all written",
                ratio=ratio(runs["tenth"], runs["all"]),
            )


def _tenth(database: Database, batches: int) -> dict[str, Callable[[], float]]:
    versions = [0] * MANY
    rows = upserts(MANY)

    def some() -> Iterator[Upsert]:
        while True:
            for number in range(MANY):
                versions[number] += number % 10 == 0
                yield ship(number, versions[number])

    tenth = some()

    def rate() -> float:
        # What the other contestant wrote has to be written over first, unmeasured.
        write(database, list(islice(tenth, MANY)))
        return batched_rate(database, tenth, batches, MANY)

    return {"tenth": rate, "all": lambda: batched_rate(database, rows, batches, MANY)}


def _durable_cost(plan: Plan, rounds: int) -> Figure:
    rows = upserts(BATCH)
    with (
        sqlite(plan.folder / "normal") as normal,
        sqlite(plan.folder / "durable", durable=True) as full,
    ):
        batches = 5 if plan.quick else 40
        runs = interleaved(
            {
                "durable": lambda: batched_rate(full, rows, batches, size=100),
                "normal": lambda: batched_rate(normal, rows, batches, size=100),
            },
            rounds,
        )
    return Figure(
        name="ship rows/s, batch 100, SQLite with --durable",
        value=runs["durable"].median,
        unit="rows/s",
        spread=runs["durable"].spread,
        runs=rounds,
        paired_with="without --durable",
        ratio=ratio(runs["durable"], runs["normal"]),
    )


def batched_rate(
    database: Database, rows: Iterator[Upsert], batches: int, size: int = BATCH
) -> float:
    """Write batches through the store as the writer does; give rows per second."""
    made = [list(islice(rows, size)) for _ in range(batches)]
    began = time.perf_counter()
    for batch in made:
        write(database, batch)
    return batches * size / (time.perf_counter() - began)


def write(database: Database, rows: Sequence[Row]) -> None:
    """Write rows in one transaction; the bench is worth nothing if one is refused."""
    report = database.store.write(Batch(database.namespace, rows), database.lease)
    if report.rejected:
        raise RuntimeError(f"a row was refused: {report.rejected[0].reason}")


def bare_rate(database: Database, rows: Iterator[Upsert], batches: int) -> float:
    """Give tuples to the driver and commit, without lease, comparison or check; rows per second."""
    shape, statements = shape_of("ships"), statements_of("ships")
    made = [
        [shape.state(database.namespace, row) for row in islice(rows, BATCH)]
        for _ in range(batches)
    ]
    lite = database.store.location.path is not None
    bulk: Bulk = SqliteBulk() if lite else PostgresqlBulk()
    engine = writing_engine(database.store.location, Busy(), durable=False)
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        began = time.perf_counter()
        for batch in made:
            if lite:
                cursor.execute("BEGIN IMMEDIATE")
            bulk.upsert(cursor, statements, batch)
            connection.commit()
        took = time.perf_counter() - began
    engine.dispose()
    return batches * BATCH / took


def single_rate(database: Database, rows: Iterator[Upsert], count: int) -> float:
    """Write as the predecessor did: one upsert, one commit, on one connection; rows per second."""
    shape, statements = shape_of("ships"), statements_of("ships")
    mark = "?" if database.store.location.path else "%s"
    marks = ", ".join([mark] * statements.width)
    query = f"{statements.insert} VALUES ({marks}) {statements.replace}"
    made = [shape.state(database.namespace, row) for row in islice(rows, count)]
    engine = writing_engine(database.store.location, Busy(), durable=False)
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        began = time.perf_counter()
        for values in made:
            cursor.execute(query, values)
            connection.commit()
        took = time.perf_counter() - began
    engine.dispose()
    return count / took
