"""Reads the newest events of some ships once, in a process and with a connection of its own.

Run as `python -m fleet.bench.storage_history URL NAMESPACE LIMIT SHIP…`; tells the seconds from
the connection's beginning to the last row, and the number of rows.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing

# Loading the driver is no part of connecting.
import psycopg2  # type: ignore[import-untyped]  # noqa: F401
import sqlalchemy.dialects.postgresql.psycopg2
import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401

from fleet.storage.events import latest_events
from fleet.storage.reader import open_reader


def main(url: str, namespace: int, limit: int, ships: list[str]) -> tuple[float, int]:
    """Open the database, read, and tell how long it took."""
    began = time.perf_counter()
    with closing(open_reader(url)) as reader:
        found = latest_events(reader, namespace, ships, limit=limit)
    return time.perf_counter() - began, sum(len(row.events) for row in found)


if __name__ == "__main__":
    took, rows = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    sys.stdout.write(f"{took} {rows}\n")
