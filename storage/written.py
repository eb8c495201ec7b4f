"""The states written last, so that one that has not changed needs no write."""

from __future__ import annotations

from typing import Any

from fleet.storage.batch import CHILDREN, StateKey

LIMIT = 200_000
"""States remembered; forgetting one costs a needless write, never a wrong row."""


class Written:
    """The last tuple of each state, newest kept longest; belongs to the writer's thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._tuples: dict[StateKey, tuple[Any, ...]] = {}

    def holds(self, key: StateKey, values: tuple[Any, ...]) -> bool:
        """Say whether these values are what the database has."""
        return self._tuples.get(key) == values

    def keep(self, key: StateKey, values: tuple[Any, ...]) -> None:
        """Remember what was committed."""
        self._tuples.pop(key, None)
        self._tuples[key] = values
        if len(self._tuples) > self._limit:
            del self._tuples[next(iter(self._tuples))]

    def forget(self, key: StateKey) -> None:
        """Forget a row that is deleted, and the rows that go with it."""
        self._tuples.pop(key, None)
        table, prefix = key
        tables = CHILDREN.get(table, ())
        gone = [
            other
            for other in (self._tuples if tables else ())
            if other[0] in tables and other[1][: len(prefix)] == prefix
        ]
        for other in gone:
            del self._tuples[other]

    def clear(self) -> None:
        """Forget everything: another writer, or a transaction with an unknown end."""
        self._tuples.clear()
