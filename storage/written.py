"""The states written last, so that one that has not changed needs no write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from fleet.protocol.rows import Upsert
from fleet.storage.batch import CHILDREN, StateKey

LIMIT = 200_000
"""States remembered; forgetting one costs a needless write, never a wrong row."""


class Written:
    """The values of each state as they were sent, newest kept longest; for the writer's thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._values: dict[StateKey, Mapping[str, Any]] = {}

    def holds(self, key: StateKey, values: Mapping[str, Any]) -> bool:
        """Say whether these values are what the database has."""
        return self._values.get(key) == values

    def keep(self, namespace: int, rows: Iterable[Upsert]) -> None:
        """Remember what was committed."""
        known = self._values
        for row in rows:
            key = row.table, (namespace, *row.key)
            known.pop(key, None)
            known[key] = row.values
        for oldest in list(islice(known, max(0, len(known) - self._limit))):
            del known[oldest]

    def forget(self, key: StateKey) -> None:
        """Forget a row that is deleted, and the rows that go with it."""
        self._values.pop(key, None)
        table, prefix = key
        tables = CHILDREN.get(table, ())
        gone = [
            other
            for other in (self._values if tables else ())
            if other[0] in tables and other[1][: len(prefix)] == prefix
        ]
        for other in gone:
            del self._values[other]

    def clear(self) -> None:
        """Forget everything: another writer, or a transaction with an unknown end."""
        self._values.clear()
