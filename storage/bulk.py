"""Many rows at once, in the way that each database likes best."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec

from fleet.storage.places import Places
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

    def __init__(
        self,
        copy_from: int = COPY_FROM,
        landings: Collection[str] = (),
        places: Places | None = None,
    ) -> None:
        """Take the temporary tables that the connection has already, and where rows are."""
        self._copy_from = copy_from
        self._places = places
        self.landings = set(landings)
        """With those that were made since; they stay if the transaction is committed."""

    def upsert(self, cursor: Any, table: Statements, rows: Rows) -> int:
        """Insert or replace rows."""
        if len(rows) < self._copy_from:
            if table.move and self._places is not None:
                return _move(cursor, table, rows, self._places)
            return _insert_values(cursor, table, table.replace, rows)
        landing = _land(cursor, table, rows, self.landings)
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
        landing = _land(cursor, table, rows, self.landings)
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
            fetch=False,
        )
        return int(cursor.rowcount)


def _move(cursor: Any, table: Statements, rows: Rows, places: Places) -> int:
    """Change rows where they are, and those that are elsewhere by their key; say how many."""
    width = len(table.key)
    placed = places.of(table.table, rows, width)
    moved = _execute_values(cursor, table.move, placed) if placed else []
    places.keep(table.table, moved)
    if len(moved) == len(rows):
        return len(rows)
    there = {row[:-1] for row in moved}
    others = [row for row in rows if row[:width] not in there]
    query = f"{table.insert} VALUES %s {table.replace} {table.place}"
    places.keep(table.table, _execute_values(cursor, query, others))
    return len(rows)


def _insert_values(cursor: Any, table: Statements, conflict: str, rows: Rows) -> int:
    _execute_values(cursor, f"{table.insert} VALUES %s {conflict}", rows, fetch=False)
    return int(cursor.rowcount)


def _land(cursor: Any, table: Statements, rows: Rows, landings: set[str]) -> str:
    """Bring rows into a temporary table by COPY; name it."""
    landing = f"landing_{table.table.strip(chr(34))}"
    if landing not in landings:
        # Kept until the connection ends: making one per flush would bloat the catalogue.
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {landing} (LIKE {table.table}) "
            "ON COMMIT DELETE ROWS"
        )
        landings.add(landing)
    lines = io.BytesIO(copy_lines(rows))
    cursor.copy_expert(f"COPY {landing} ({table.columns}) FROM STDIN ({COPY_OPTIONS})", lines)
    return landing


def _execute_values(
    cursor: Any, query: str, rows: Rows, *, fetch: bool = True
) -> list[tuple[Any, ...]]:
    from psycopg2.extras import execute_values  # type: ignore[import-untyped]

    # One page: rowcount tells of the last page only.
    return execute_values(cursor, query, rows, page_size=max(1, len(rows)), fetch=fetch) or []


ENCODER = msgspec.json.Encoder()
COPY_OPTIONS = "FORMAT csv, NULL 'null', ESCAPE '\\'"
"""What makes lines of JSON readable for COPY."""

BETWEEN_ROWS = b"]\n["
"""What JSON has between two rows; a line's end in a text would be escaped."""

OTHER_ESCAPES = re.compile(rb"(?<!\\)(?:\\\\)*\\[^\\\"]")
"""Escapes of JSON that mean something else to COPY, which knows those of quote and backslash."""


def copy_lines(rows: Rows) -> bytes:
    """Render rows for COPY, by way of JSON: rendering each value takes seven times as long."""
    text = ENCODER.encode_lines(rows)
    if b"\\" in text and OTHER_ESCAPES.search(text):
        return "".join(map(copy_line, rows)).encode()
    return text[1:-2].replace(BETWEEN_ROWS, b"\n") + b"\n"


def copy_line(row: tuple[Any, ...]) -> str:
    """Render one row, whatever its texts hold."""
    return ",".join(map(_copy_value, row)) + "\n"


def _copy_value(value: Any) -> str:
    if value is None:
        return "null"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
