"""Rows of one flush: states coalesce to the newest per key, appended rows keep their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.tables import METADATA, children

CHILDREN: Mapping[str, tuple[str, ...]] = {
    table.name: tuple(child.name for child in children(table)) for table in METADATA.sorted_tables
}
"""Tables whose rows go when their parent's row goes."""

StateKey = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row that the database can't take, however often it is tried."""

    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What became of the rows of one batch."""

    written: int
    """Rows that changed the database."""

    unchanged: int
    """States equal to what was written last, and appended rows that were there already."""

    rejected: tuple[DeadLetter, ...] = ()


class Batch:
    """The rows of one namespace that go into one transaction.

    It isn't used up by writing: after StoreUnavailable the same batch can be written again.
    One thread at a time.
    """

    def __init__(self, namespace: int, rows: Iterable[Row] = ()) -> None:
        self.namespace = namespace
        self._states: dict[StateKey, Upsert | Delete] = {}
        self._cleared: dict[StateKey, Delete] = {}
        self._appends: list[Append] = []
        self._unusable: list[DeadLetter] = []
        for row in rows:
            self.add(row)

    def __len__(self) -> int:
        """Count the rows that a flush would handle."""
        return len(self._states) + len(self._appends) + len(self._unusable)

    def add(self, row: Row) -> None:
        """Take a row in. Never fails: a row that can't be keyed is reported when written."""
        if isinstance(row, Append):
            self._appends.append(row)
            return
        try:
            self._replace((row.table, row.key), row)
        except TypeError as error:
            self._unusable.append(DeadLetter(row, f"the key cannot be compared: {error}"))

    def _replace(self, key: StateKey, row: Upsert | Delete) -> None:
        before = self._states.pop(key, None)
        if isinstance(row, Delete):
            self._drop_children(key)
        elif isinstance(before, Delete) and CHILDREN.get(row.table):
            # The old row's children have to go although the row itself is there again.
            self._cleared[key] = before
        self._states[key] = row

    def _drop_children(self, key: StateKey) -> None:
        table, prefix = key
        tables = CHILDREN.get(table, ())
        gone = [
            other
            for other in (self._states if tables else ())
            if other[0] in tables and other[1][: len(prefix)] == prefix
        ]
        for other in gone:
            del self._states[other]

    @property
    def upserts(self) -> list[Upsert]:
        """The newest state of each key."""
        return [row for row in self._states.values() if isinstance(row, Upsert)]

    @property
    def deletes(self) -> list[Delete]:
        """Rows that go, before the upserts; some of them come back by an upsert."""
        last = [row for row in self._states.values() if isinstance(row, Delete)]
        return [*self._cleared.values(), *last]

    @property
    def appends(self) -> list[Append]:
        """Appended rows in the order in which they came."""
        return self._appends

    @property
    def unusable(self) -> list[DeadLetter]:
        """Rows that could not even be compared with others."""
        return self._unusable
