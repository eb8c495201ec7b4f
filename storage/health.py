"""Is the database whole, and are its tables those that this version of the fleet knows?"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, Inspector, Table, inspect

from fleet.storage import schema
from fleet.storage.reader import Source
from fleet.storage.tables import METADATA
from fleet.storage.views import VIEWS


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    revision: str
    problems: tuple[str, ...]
    """One sentence each; none if all is well."""


def check(source: Source) -> Health:
    """Look at tables, columns, indexes, and what SQLite says of its file.

    Reads the whole file. Raises StoreUnavailable.
    """
    with source.reading() as connection:
        problems = [*_drift(connection), *_damage(connection)]
        return Health(revision=schema.revision(connection) or "", problems=tuple(problems))


def _drift(connection: Connection) -> list[str]:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    problems = []
    for table in METADATA.sorted_tables:
        if table.name not in there:
            problems.append(f"The table {table.name} is missing.")
        else:
            problems += _table_drift(inspector, table)
    views = set(inspector.get_view_names())
    return [*problems, *(f"The view {name} is missing." for name in sorted(VIEWS.keys() - views))]


def _table_drift(inspector: Inspector, table: Table) -> list[str]:
    columns = {column["name"] for column in inspector.get_columns(table.name)}
    wanted = {column.name for column in table.columns}
    indexes = {index["name"] for index in inspector.get_indexes(table.name)}
    needed = {str(index.name) for index in table.indexes}
    key = inspector.get_pk_constraint(table.name)["constrained_columns"]
    return [
        *(f"The table {table.name} lacks {name}." for name in sorted(wanted - columns)),
        *(f"The table {table.name} has an unknown {name}." for name in sorted(columns - wanted)),
        *(f"The index {name} is missing." for name in sorted(needed - indexes)),
        *_key_drift(table, key),
    ]


def _key_drift(table: Table, found: list[str]) -> list[str]:
    wanted = [column.name for column in table.primary_key]
    if found == wanted:
        return []
    # Without it rows are written twice, or the newest are searched for in all of them.
    return [f"The key of the table {table.name} is not {', '.join(wanted)}."]


def _damage(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    said = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [
        *(f"The file is damaged: {line}." for line in said if line != "ok"),
        *(f"A row of {row[0]} belongs to no row of {row[2]}." for row in orphans),
    ]
