"""What the writer remembers of a table that is asked for row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet.protocol.rows import Delete, Recall, Row, Upsert
from fleet.storage.reader import Source
from fleet.storage.resume import recall, recall_all
from fleet.storage.shape import shape_of

REMEMBERED = frozenset({"assignments"})
"""Every ship asks for its own row when it starts: one query for all costs as much as one."""


class Recollection:
    """Answers from memory where it can; only the writer writes, so it knows what is there."""

    def __init__(self, namespace: int) -> None:
        self._namespace = namespace
        self._tables: dict[str, dict[tuple[Any, ...], Mapping[str, Any]]] = {}

    def read(self, source: Source, asked: Recall) -> Mapping[str, Any] | None:
        """Tell a stored row. Raises StoreUnavailable; ValueError for what cannot be."""
        if asked.table not in REMEMBERED:
            return recall(source, self._namespace, asked.table, asked.key)
        table = self._tables.get(asked.table)
        if table is None:
            table = self._tables[asked.table] = recall_all(source, self._namespace, asked.table)
        if len(asked.key) != len(shape_of(asked.table).key):
            raise ValueError(f"the key of {asked.table} is another one than {asked.key}")
        return table.get(asked.key)

    def note(self, rows: Iterable[Row]) -> None:
        """Take note of rows that were committed, in their order."""
        for row in rows:
            table = self._tables.get(row.table)
            if table is None:
                continue
            match row:
                case Upsert(key=key, values=values):
                    table[key] = values
                case Delete(key=key):
                    table.pop(key, None)

    def forget(self) -> None:
        """Read again when asked the next time."""
        self._tables.clear()
