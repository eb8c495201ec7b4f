"""The states written last, so that one that has not changed needs no write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from fleet.protocol.rows import Upsert
from fleet.storage.batch import CHILDREN, Key

LIMIT = 20_000
"""States remembered of each table, at some 0.5 to 1 kB each; forgetting one costs a needless write,
never a wrong row."""

PASSING = frozenset({"surveys", "metrics_minute", "alerts"})
"""Tables of which no state is ever sent twice alike, but ever new ones: at speed 60 there were
15,000 minutes' figures of them after a quarter of an hour."""

Known = Mapping[Key, Mapping[str, Any]]


class Written:
    """The values of each state as they were sent, newest kept longest; for the writer's thread.

    Of one namespace: each writer has one, and whoever writes to several forgets between them.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._namespace: int | None = None
        self._tables: dict[str, dict[Key, Mapping[str, Any]]] = {}

    def begin(self, namespace: int) -> None:
        """Be about a namespace from now on."""
        if namespace != self._namespace:
            self._tables.clear()
            self._namespace = namespace

    def of(self, table: str) -> Known:
        """Show what the database has in a table, as far as it is remembered."""
        return self._tables.get(table, {})

    def keep(self, rows: Iterable[Upsert]) -> None:
        """Remember what was committed."""
        for row in rows:
            if row.table in PASSING:
                continue
            known = self._tables.setdefault(row.table, {})
            known.pop(row.key, None)
            known[row.key] = row.values
        for known in self._tables.values():
            for oldest in list(islice(known, max(0, len(known) - self._limit))):
                del known[oldest]

    def forget(self, table: str, prefix: Key) -> None:
        """Forget a row that is deleted, and the rows that go with it."""
        self._tables.get(table, {}).pop(prefix, None)
        for child in CHILDREN.get(table, ()):
            known = self._tables.get(child, {})
            for key in [key for key in known if key[: len(prefix)] == prefix]:
                del known[key]

    def clear(self) -> None:
        """Forget everything: another writer, or a transaction with an unknown end."""
        self._tables.clear()
