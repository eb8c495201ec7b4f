"""A reader whose query does not end by itself, in a process of its own.

Run as `python -m fleet.bench.storage_long_query URL`; says `reading` when it begins, on PostgreSQL
with the process that serves it.
"""

from __future__ import annotations

import sys
from contextlib import closing

from sqlalchemy import create_engine, text

from fleet.storage.reader import open_reader

QUERY = "SELECT count(*) FROM ledger a, ledger b, ledger c WHERE a.delta + b.delta > c.delta"


def main(url: str) -> None:
    """Read for ever; PostgreSQL's own limits do not end it, as they would not end Grafana's."""
    with closing(open_reader(url)) as reader:
        lite = reader.location.path is not None
    engine = create_engine(url)
    with engine.connect() as connection:
        backend = ""
        if not lite:
            connection.execute(text("SET statement_timeout = 0"))
            backend = str(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        sys.stdout.write(f"reading {backend}\n")
        sys.stdout.flush()
        connection.execute(text(QUERY)).all()


if __name__ == "__main__":
    main(sys.argv[1])
