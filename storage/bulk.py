"""Many rows at once, in the way that each database likes best."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Protocol

from fleet.storage.statements import Statements

Rows = Sequence[tuple[Any, ...]]

COPY_FROM = 50
"""Rows from which PostgreSQL takes COPY into a temporary table rather than a list of values."""


class Bulk(Protocol):
    """Writes rows of one table through a driver's cursor; raises the driver's errors."""

    def upsert(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert or replace rows, each key once; say how many."""
        ...

    def append(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert rows whose key isn't there yet; say how many."""
        ...

    def delete(self, cursor: Any, table: Statements, keys: Rows) -> int:
        """Delete the rows with these keys; say how many there were."""
        ...


class SqliteBulk:
    """Prepared statements run once per row: SQLite needs no round trip."""

    def upsert(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert or replace rows."""
        return self._insert(cursor, table, table.replace, rows)

    def append(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert rows whose key isn't there yet."""
        return self._insert(cursor, table, table.ignore, rows)

    def delete(self, cursor: Any, table: Statements, keys: Rows) -> int:
        """Delete the rows with these keys."""
        found = " AND ".join(f"{name} = ?" for name in table.key)
        cursor.executemany(f"DELETE FROM {table.table} WHERE {found}", keys)
        return int(cursor.rowcount)

    def _insert(self, cursor: Any, table: Statements, conflict: str, rows: Rows) -> int:
        marks = ", ".join("?" * table.width)
        cursor.executemany(f"{table.insert} VALUES ({marks}) {conflict}", rows)
        return int(cursor.rowcount)


class PostgresqlBulk:
    """One statement with many values; COPY into a temporary table for many rows."""

    def __init__(self, copy_from: int = COPY_FROM) -> None:
        self._copy_from = copy_from

    def upsert(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert or replace rows."""
        return self._insert(cursor, table, table.replace, rows)

    def append(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert rows whose key isn't there yet."""
        return self._insert(cursor, table, table.ignore, rows)

    def delete(self, cursor: Any, table: Statements, keys: Rows) -> int:
        """Delete the rows with these keys."""
        names = ", ".join(table.key)
        found = " AND ".join(f"{table.table}.{name} = gone.{name}" for name in table.key)
        _execute_values(
            cursor,
            f"DELETE FROM {table.table} USING (VALUES %s) AS gone ({names}) WHERE {found}",
            keys,
        )
        return int(cursor.rowcount)

    def _insert(self, cursor: Any, table: Statements, conflict: str, rows: Rows) -> int:
        if len(rows) >= self._copy_from:
            self._copy(cursor, table, conflict, rows)
        else:
            _execute_values(cursor, f"{table.insert} VALUES %s {conflict}", rows)
        return int(cursor.rowcount)

    def _copy(self, cursor: Any, table: Statements, conflict: str, rows: Rows) -> None:
        landing = f"landing_{table.table.strip(chr(34))}"
        # Kept until the connection ends: making one per flush would bloat the catalogue.
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {landing} (LIKE {table.table}) "
            "ON COMMIT DELETE ROWS"
        )
        text = io.StringIO("".join(map(copy_line, rows)))
        cursor.copy_expert(f"COPY {landing} ({table.columns}) FROM STDIN", text)
        cursor.execute(f"{table.insert} SELECT {table.columns} FROM {landing} {conflict}")


def _execute_values(cursor: Any, query: str, rows: Rows) -> None:
    from psycopg2.extras import execute_values  # type: ignore[import-untyped]

    # One page: rowcount tells of the last page only.
    execute_values(cursor, query, rows, page_size=max(1, len(rows)))


COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_line(row: tuple[Any, ...]) -> str:
    """Render one row in the text format of COPY."""
    values = [
        "\\N" if value is None else value if value.__class__ is str else repr(value)
        for value in row
    ]
    line = "\t".join(values)
    # Looking at the whole line is quicker than looking at each text, and few have to be escaped.
    plain = line.count("\t") == len(row) - 1 and line.count("\\") == row.count(None)
    if plain and "\n" not in line and "\r" not in line:
        return line + "\n"
    return "\t".join(map(_copy_value, row)) + "\n"


def _copy_value(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(COPY_ESCAPES) if isinstance(value, str) else repr(value)
