"""How much there is in the database."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select

from fleet.storage.namespaces import Namespace, namespaces
from fleet.storage.reader import Source
from fleet.storage.tables import METADATA


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of each table, the size of it all, and whose it is."""

    namespaces: tuple[Namespace, ...]
    rows: dict[str, int]
    """By table, the largest first."""

    bytes: int
    """The database on disk, without what the log has not merged yet."""


def count(source: Source) -> Census:
    """Count every table's rows. Raises StoreUnavailable."""
    with source.reading() as connection:
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }
        size = _size(connection)
    ordered = dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
    return Census(namespaces=namespaces(source), rows=ordered, bytes=size)


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    query = select(func.pg_database_size(func.current_database()))
    return int(connection.execute(query).scalar_one())
