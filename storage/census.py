"""How much there is in the database."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from fleet.storage.limits import lift
from fleet.storage.namespaces import Namespace, namespaces
from fleet.storage.reader import Source
from fleet.storage.tables import METADATA


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of statement, as PostgreSQL counted it."""

    query: str
    calls: int
    total_ms: float
    mean_ms: float
    rows: int


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of each table, the size of it all, and whose it is."""

    namespaces: tuple[Namespace, ...]
    rows: dict[str, int]
    """By table, the largest first."""

    bytes: int
    """The database on disk, without what the log has not merged yet."""

    statements: tuple[Statement, ...] = ()
    """What took most time, if the server keeps count of it (pg_stat_statements)."""


def count(source: Source) -> Census:
    """Count every table's rows. Raises StoreUnavailable."""
    with source.reading() as connection:
        lift(connection)
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }
        size = _size(connection)
        statements = _statements(connection)
    ordered = dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
    return Census(namespaces=namespaces(source), rows=ordered, bytes=size, statements=statements)


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    query = select(func.pg_database_size(func.current_database()))
    return int(connection.execute(query).scalar_one())


def _statements(connection: Connection, most: int = 10) -> tuple[Statement, ...]:
    if connection.dialect.name != "postgresql":
        return ()
    there = text("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'")
    if connection.execute(there).scalar() is None:
        return ()
    query = text(
        "SELECT query, calls, total_exec_time AS total_ms, mean_exec_time AS mean_ms, rows "
        "FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid "
        "WHERE datname = current_database() ORDER BY total_exec_time DESC LIMIT :most"
    )
    try:
        # The extension may be made without being loaded: only asking tells.
        with connection.begin_nested():
            rows = connection.execute(query, {"most": most}).all()
    except DBAPIError:
        return ()
    return tuple(
        Statement(**{**row._mapping, "query": " ".join(row.query.split())[:200]}) for row in rows
    )
