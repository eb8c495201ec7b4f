"""The least that PostgreSQL takes for new versions of a few rows: it bounds a flush beside a query.

While a query runs, PostgreSQL keeps all versions since it began. Whoever looks for a row by its key
looks at all of them; this goes straight to the newest, with the bare driver, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import NullPool, create_engine

from fleet.bench.storage_databases import Database
from fleet.bench.storage_rows import ship
from fleet.bench.storage_writes import write
from fleet.protocol.rows import Upsert

PLACES = "SELECT symbol, ctid::text FROM ships WHERE symbol LIKE 'DIRECT-%'"
UPDATE = (
    "UPDATE ships SET fuel = new.fuel, arrival = new.arrival "
    "FROM (VALUES %s) AS new (place, fuel, arrival) WHERE ships.ctid = new.place::tid "
    "RETURNING ships.symbol, ships.ctid::text"
)


class Direct:
    """Updates ships of its own by their place in the table."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        with closing(connection.cursor()) as cursor:
            cursor.execute(PLACES)
            self._places = dict(cursor.fetchall())
        connection.commit()
        self._number = 0

    def flush(self) -> float:
        """Change all ships in one transaction; give the seconds that it took."""
        from psycopg2.extras import execute_values  # type: ignore[import-untyped]

        self._number += 1
        rows = [(place, self._number % 400, self._number) for place in self._places.values()]
        began = time.perf_counter()
        with closing(self._connection.cursor()) as cursor:
            moved = execute_values(cursor, UPDATE, rows, page_size=len(rows), fetch=True)
        self._connection.commit()
        took = time.perf_counter() - began
        self._keep(moved, len(rows))
        return took

    def _keep(self, moved: Sequence[tuple[str, str]], asked: int) -> None:
        if len(moved) != asked:
            raise RuntimeError(f"{len(moved)} of {asked} ships were where they had been")
        self._places.update(moved)


@contextmanager
def direct(database: Database, ships: int) -> Iterator[Direct]:
    """Make so many ships, on a connection of its own."""
    made = [ship(number, 0) for number in range(ships)]
    write(database, [Upsert(one.table, (f"DIRECT-{one.key[0]}",), one.values) for one in made])
    engine = create_engine(database.url, poolclass=NullPool)
    with closing(engine.raw_connection()) as connection:
        yield Direct(connection)
