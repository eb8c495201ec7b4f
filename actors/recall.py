"""Reading one row back from the database by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from fleet.storage.columns import METADATA
from fleet.storage.engine import Store
from fleet.storage.shape import NAMESPACE, shape_of


def recall(
    store: Store, namespace: int, table: str, key: tuple[Any, ...]
) -> Mapping[str, Any] | None:
    """Read the columns beside the key of one row; None if there is no such row.

    Raises StoreUnavailable, and ValueError for a table or key that does not exist.
    """
    shape = shape_of(table)
    if len(key) != len(shape.key):
        raise ValueError(f"the key of {table} is ({', '.join(shape.key)})")
    columns = METADATA.tables[table].c
    wanted = [columns[name] for name in shape.names if name in shape.others]
    query = select(*wanted).where(columns[NAMESPACE] == namespace)
    for name, value in zip(shape.key, key, strict=True):
        query = query.where(columns[name] == value)
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
        return None if row is None else dict(row._mapping)
