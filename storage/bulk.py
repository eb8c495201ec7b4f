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
        if len(rows) < self._copy_from:
            return _insert_values(cursor, table, table.replace, rows)
        landing = _land(cursor, table, rows)
        changes = ", ".join(f"{name} = landed.{name}" for name in table.rest)
        found = " AND ".join(f"{table.table}.{name} = landed.{name}" for name in table.key)
        # Nearly all rows are there already, and an update takes half the time of an insert that
        # finds a conflict. Only the holder of the lease writes, so that nobody comes between.
        cursor.execute(f"UPDATE {table.table} SET {changes} FROM {landing} landed WHERE {found}")
        updated = int(cursor.rowcount)
        if updated == len(rows):
            return updated
        cursor.execute(f"{table.insert} SELECT {table.columns} FROM {landing} {table.ignore}")
        return updated + int(cursor.rowcount)

    def append(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert rows whose key isn't there yet."""
        if len(rows) < self._copy_from:
            return _insert_values(cursor, table, table.ignore, rows)
        landing = _land(cursor, table, rows)
        cursor.execute(f"{table.insert} SELECT {table.columns} FROM {landing} {table.ignore}")
        return int(cursor.rowcount)

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


def _insert_values(cursor: Any, table: Statements, conflict: str, rows: Rows) -> int:
    _execute_values(cursor, f"{table.insert} VALUES %s {conflict}", rows)
    return int(cursor.rowcount)


def _land(cursor: Any, table: Statements, rows: Rows) -> str:
    """Bring rows into a temporary table by COPY; name it."""
    landing = f"landing_{table.table.strip(chr(34))}"
    # Kept until the connection ends: making one per flush would bloat the catalogue.
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {landing} (LIKE {table.table}) ON COMMIT DELETE ROWS"
    )
    text = io.StringIO(copy_text(rows, table.width))
    cursor.copy_expert(f"COPY {landing} ({table.columns}) FROM STDIN (NULL '{NULL}')", text)
    return landing


def _execute_values(cursor: Any, query: str, rows: Rows) -> None:
    from psycopg2.extras import execute_values  # type: ignore[import-untyped]

    # One page: rowcount tells of the last page only.
    execute_values(cursor, query, rows, page_size=max(1, len(rows)))


COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "None"
"""What COPY takes for null: what Python renders it as."""


def copy_text(rows: Rows, width: int) -> str:
    """Render rows in the text format of COPY."""
    text = "\n".join(["\t".join(map(str, row)) for row in rows])
    # Looking at all rows at once is quicker than looking at each value; few have to be escaped.
    plain = (
        text.count("\n") == len(rows) - 1
        and text.count("\t") == len(rows) * (width - 1)
        and "\\" not in text
        and "\r" not in text
        and text.count(NULL) == sum([row.count(None) for row in rows])
    )
    return text + "\n" if plain else "".join(map(copy_line, rows))


def copy_line(row: tuple[Any, ...]) -> str:
    """Render one row, whatever its texts hold."""
    return "\t".join(map(_copy_value, row)) + "\n"


def _copy_value(value: Any) -> str:
    # A text that reads like null must not be taken for it: nulls are found before escapes.
    return "\\x4eone" if value == NULL else str(value).translate(COPY_ESCAPES)
