"""Where rows lie in PostgreSQL's tables: going straight there saves the way through the index.

While somebody's query runs, PostgreSQL keeps every version of a row since it began, and whoever
looks for the row by its key looks at all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Key = tuple[Any, ...]

LIMIT = 20_000
"""Rows of a table, at some 0.3 kB each."""


class Places:
    """The last known place of each row; for the writer's thread.

    A place may be wrong: somebody else may have changed the row, or packed the table, or the
    transaction that told it may have failed. So whoever goes there must look whether it is the row.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._tables: dict[str, dict[Key, str]] = {}

    def of(self, table: str, rows: Sequence[Key], width: int) -> list[Key]:
        """Give those rows whose place is known, each behind its place; keys are so many columns."""
        known = self._tables.get(table)
        if not known:
            return []
        pairs = ((known.get(row[:width]), row) for row in rows)
        return [(place, *row) for place, row in pairs if place is not None]

    def keep(self, table: str, told: Iterable[Key]) -> None:
        """Remember keys that are followed by their places."""
        known = self._tables.setdefault(table, {})
        known.update((row[:-1], row[-1]) for row in told)
        if len(known) > self._limit:
            known.clear()
