"""Rows of one flush: states coalesce to the newest per key, appended rows keep their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.tables import METADATA, children

CHILDREN: Mapping[str, tuple[str, ...]] = {
    table.name: tuple(child.name for child in children(table)) for table in METADATA.sorted_tables
}
"""Tables whose rows go when their parent's row goes."""

Key = tuple[Any, ...]
State = Upsert | Delete


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
        # By table and key: a tuple of both for each row would have the garbage collector look at
        # everything there is several times per batch.
        self._states: dict[str, dict[Key, State]] = {}
        self._cleared: dict[tuple[str, Key], Delete] = {}
        self._appends: list[Append] = []
        self._unusable: list[DeadLetter] = []
        for row in rows:
            self.add(row)

    def __len__(self) -> int:
        """Count the rows that a flush would handle."""
        return sum(map(len, self._states.values())) + len(self._appends) + len(self._unusable)

    def add(self, row: Row) -> None:
        """Take a row in. Never fails: a row that can't be keyed is reported when written."""
        if isinstance(row, Append):
            self._appends.append(row)
            return
        try:
            states = self._states.get(row.table)
            if states is None:
                states = self._states[row.table] = {}
            fresh = row.key not in states
        except TypeError as error:
            self._unusable.append(DeadLetter(row, f"the key cannot be compared: {error}"))
            return
        if fresh and isinstance(row, Upsert):
            states[row.key] = row
        else:
            self._replace(states, row)

    def _replace(self, states: dict[Key, State], row: State) -> None:
        before = states.pop(row.key, None)
        if isinstance(row, Delete):
            self._drop_children(row.table, row.key)
        elif isinstance(before, Delete) and CHILDREN.get(row.table):
            # The old row's children have to go although the row itself is there again.
            self._cleared[row.table, row.key] = before
        states[row.key] = row

    def _drop_children(self, table: str, prefix: Key) -> None:
        for child in CHILDREN.get(table, ()):
            states = self._states.get(child, {})
            for key in [key for key in states if key[: len(prefix)] == prefix]:
                del states[key]

    @property
    def states(self) -> Mapping[str, Mapping[Key, State]]:
        """The newest of each table and key: what it is, or that it goes."""
        return self._states

    @property
    def upserts(self) -> list[Upsert]:
        """The newest state of each key."""
        return [row for row in self._every_state() if isinstance(row, Upsert)]

    @property
    def deletes(self) -> list[Delete]:
        """Rows that go, before the upserts; some of them come back by an upsert."""
        last = [row for row in self._every_state() if isinstance(row, Delete)]
        return [*self._cleared.values(), *last]

    def _every_state(self) -> Iterator[State]:
        return chain.from_iterable(states.values() for states in self._states.values())

    @property
    def appends(self) -> list[Append]:
        """Appended rows in the order in which they came."""
        return self._appends

    @property
    def unusable(self) -> list[DeadLetter]:
        """Rows that could not even be compared with others."""
        return self._unusable
