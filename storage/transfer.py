"""A whole database as lines of JSON, out of one kind of database and into another.

The first line tells the schema and the number of rows of each table; then come the tables, parents
first, each by a line with its name and columns and a line per row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import OperationalError, StatementError

from fleet.protocol.errors import SetupError, UsageError
from fleet.storage import schema
from fleet.storage.columns import METADATA
from fleet.storage.errors import reason_of
from fleet.storage.lease import Transactional
from fleet.storage.limits import lift
from fleet.storage.reader import Source
from fleet.storage.tables import WRITER_LEASE

FORMAT = "fleet export 1"
CHUNK = 1_000
"""Rows per statement."""

TABLES: tuple[Table, ...] = tuple(
    # Who may write is a matter of the database, not of what is in it.
    table
    for table in METADATA.sorted_tables
    if table is not WRITER_LEASE
)
NUMBERED = ("namespaces", "ship_ids", "process_epochs")
"""Tables whose numbers the database hands out itself."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str
    revision: str
    rows: dict[str, int]


def export(source: Source) -> Iterator[bytes]:
    """Give the lines, each with its end; all of one state of the database.

    Raises StoreUnavailable.
    """
    encoder = msgspec.json.Encoder()
    with source.reading() as connection:
        lift(connection)
        header = Header(format=FORMAT, revision=schema.HEAD, rows=counts(connection))
        yield encoder.encode(header) + b"\n"
        for table in TABLES:
            names = [str(column.name) for column in table.columns]
            yield encoder.encode({"table": str(table.name), "columns": names}) + b"\n"
            query = select(table).execution_options(yield_per=CHUNK)
            for row in connection.execute(query):
                yield encoder.encode(tuple(row)) + b"\n"


def counts(connection: Connection) -> dict[str, int]:
    """Count the rows of each table that is exported."""
    return {
        str(table.name): connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in TABLES
    }


def import_(store: Transactional, lines: Iterable[bytes]) -> dict[str, int]:
    """Read an export into an empty database, all of it or nothing; give the counts.

    Raises UsageError for something that is no export of this schema, SetupError for a database
    that holds rows already or ends up with others than were exported, StoreUnavailable.
    """
    feed = iter(lines)
    header = _header(next(feed, b""))
    with store.transaction() as connection:
        lift(connection)
        if any(counts(connection).values()):
            raise SetupError("The database holds rows already; import into an empty one.")
        _read_tables(connection, feed)
        _continue_numbers(connection)
        found = counts(connection)
        if found != header.rows:
            wrong = [name for name, rows in header.rows.items() if found.get(name) != rows]
            raise SetupError(f"The import is not complete: other rows in {', '.join(wrong)}.")
    return found


def _header(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        header = None
    if header is None or header.format != FORMAT:
        raise UsageError("This is not an export of a fleet; `fleet db export FILE` makes one.")
    if header.revision != schema.HEAD:
        raise UsageError(
            f"The export has schema {header.revision}, this fleet has {schema.HEAD}; run "
            "`fleet db upgrade` where it comes from, and export again."
        )
    return header


def _read_tables(connection: Connection, feed: Iterator[bytes]) -> None:
    table: Table | None = None
    names: list[str] = []
    while chunk := list(islice(feed, CHUNK)):
        rows: list[dict[str, Any]] = []
        for read in map(_line, chunk):
            if isinstance(read, dict):
                _insert(connection, table, rows)
                table, names, rows = _table(read), read["columns"], []
            else:
                rows.append(_row(names, read))
        _insert(connection, table, rows)


def _line(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UsageError("The export is damaged: a line of it is no JSON.") from None


def _row(names: list[str], read: Any) -> dict[str, Any]:
    if not isinstance(read, list) or len(read) != len(names) or not names:
        raise UsageError("The export is damaged: a line of it is no row of its table.")
    return dict(zip(names, read, strict=True))


def _table(read: dict[str, Any]) -> Table:
    found = METADATA.tables.get(read.get("table", ""))
    if found is None or set(read.get("columns", ())) != set(found.columns.keys()):
        raise UsageError(f"The export has an unknown table {read.get('table')!r}.")
    return found


def _insert(connection: Connection, table: Table | None, rows: list[dict[str, Any]]) -> None:
    if not rows or table is None:
        return
    try:
        connection.execute(insert(table), rows)
    except OperationalError:
        raise
    except StatementError as error:
        reason = reason_of(error.orig)
        raise UsageError(
            f"The export is damaged: {table.name} takes no such row ({reason})."
        ) from error


def _continue_numbers(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        # SQLite goes on after the largest number by itself.
        return
    for name in NUMBERED:
        column = next(iter(METADATA.tables[name].primary_key)).name
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), "
                f"coalesce(max({column}), 0) + 1, false) FROM {name}"
            )
        )
