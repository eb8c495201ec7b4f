"""One batch into one transaction: fast as long as every row is good, row by row otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.batch import Batch, DeadLetter
from fleet.storage.bulk import Bulk, Rows
from fleet.storage.keys import Keys
from fleet.storage.quick_check import Values
from fleet.storage.shape import SHAPES, shape_of
from fleet.storage.statements import Statements, statements_of
from fleet.storage.written import Written

Pair = tuple[Values, Row]
"""What the database gets, and the row that it came from."""

Write = Callable[[Any, Statements, Rows], int]


@dataclass(slots=True)
class Prepared:
    """A batch in tuples, by table; what can't be one is rejected already."""

    deletes: dict[str, list[Pair]] = field(default_factory=dict)
    upserts: dict[str, list[tuple[Values, Upsert]]] = field(default_factory=dict)
    appends: list[Append] = field(default_factory=list)
    rejected: list[DeadLetter] = field(default_factory=list)
    unchanged: int = 0


def prepare(batch: Batch, written: Written) -> Prepared:
    """Turn states into tuples and leave out those that the database has already."""
    ready = Prepared(appends=list(batch.appends), rejected=list(batch.unusable))
    written.begin(batch.namespace)
    for gone in batch.deletes:
        _prepare_delete(batch.namespace, gone, ready, written)
    for table, states in batch.states.items():
        known = written.of(table)
        changed: list[Upsert] = []
        for key, state in states.items():
            if isinstance(state, Delete):
                continue
            # As they were sent: converting them first would cost more than all the rest.
            if known.get(key) == state.values:
                ready.unchanged += 1
            else:
                changed.append(state)
        if changed:
            _prepare_upserts(batch.namespace, table, changed, ready)
    return ready


def _prepare_delete(namespace: int, row: Delete, ready: Prepared, written: Written) -> None:
    try:
        key = shape_of(row.table).state_key(namespace, row)
    except ValueError as error:
        ready.rejected.append(DeadLetter(row, str(error)))
        return
    # Before the upserts are compared: a child that is written again after this isn't there.
    written.forget(row.table, key[1:])
    ready.deletes.setdefault(row.table, []).append((key, row))


def _prepare_upserts(namespace: int, table: str, states: Sequence[Upsert], ready: Prepared) -> None:
    try:
        pairs, doubtful = shape_of(table).states(namespace, states)
    except ValueError as error:
        ready.rejected += [DeadLetter(row, str(error)) for row in states]
        return
    for row in doubtful:
        try:
            pairs.append((shape_of(table).state(namespace, row), row))
        except ValueError as error:
            ready.rejected.append(DeadLetter(row, str(error)))
    ready.upserts[table] = pairs


@dataclass(slots=True)
class Flush:
    """One attempt to write a prepared batch; a new one is made for each attempt."""

    connection: Connection
    bulk: Bulk
    refusals: tuple[type[Exception], ...]
    """The driver's errors that tell of a bad row and not of a bad database."""

    careful: bool
    """Put each statement into a savepoint and look for the row that it fails for."""

    written: int = 0
    unchanged: int = 0
    rejected: list[DeadLetter] = field(default_factory=list)
    kept: list[Upsert] = field(default_factory=list)
    """States to remember once the transaction is committed."""

    def run(self, namespace: int, ready: Prepared, keys: Keys) -> None:
        """Write everything: rows that go, states parents first, then what happened."""
        appends = self._records(namespace, ready.appends, keys)
        for table in reversed(SHAPES):
            self._table(self.bulk.delete, table, ready.deletes.get(table, ()))
        for table in SHAPES:
            self._table(self.bulk.upsert, table, ready.upserts.get(table, ()), states=True)
        for table in SHAPES:
            self._table(self.bulk.append, table, appends.get(table, ()))

    def _records(self, namespace: int, rows: Sequence[Append], keys: Keys) -> dict[str, list[Pair]]:
        tables: dict[str, list[Append]] = {}
        for row in rows:
            tables.setdefault(row.table, []).append(row)
        pairs: dict[str, list[Pair]] = {}
        keys.begin(self.connection)
        for table, some in tables.items():
            try:
                good, bad = shape_of(table).records(namespace, some, keys)
            except ValueError as error:
                self.rejected += [DeadLetter(row, str(error)) for row in some]
                continue
            self.rejected += [DeadLetter(row, why) for row, why in bad]
            pairs[table] = [*good]
        return pairs

    def _table(
        self, write: Write, table: str, pairs: Sequence[Pair], *, states: bool = False
    ) -> None:
        if not pairs:
            return
        cursor = self.connection.connection.cursor()
        try:
            done = self._chunk(cursor, write, statements_of(table), pairs)
        finally:
            cursor.close()
        if states:
            self.kept.extend([row for _, row in done if isinstance(row, Upsert)])

    def _chunk(
        self, cursor: Any, write: Write, table: Statements, pairs: Sequence[Pair]
    ) -> Sequence[Pair]:
        rows = [values for values, _ in pairs]
        if not self.careful:
            self._count(write(cursor, table, rows), len(rows))
            return pairs
        cursor.execute("SAVEPOINT chunk")
        try:
            changed = write(cursor, table, rows)
        except self.refusals as error:
            cursor.execute("ROLLBACK TO SAVEPOINT chunk")
            cursor.execute("RELEASE SAVEPOINT chunk")
            return self._split(cursor, write, table, pairs, error)
        cursor.execute("RELEASE SAVEPOINT chunk")
        self._count(changed, len(rows))
        return pairs

    def _split(
        self,
        cursor: Any,
        write: Write,
        table: Statements,
        pairs: Sequence[Pair],
        error: Exception,
    ) -> Sequence[Pair]:
        if len(pairs) == 1:
            self.rejected.append(DeadLetter(pairs[0][1], _reason(error)))
            return ()
        middle = len(pairs) // 2
        return [
            *self._chunk(cursor, write, table, pairs[:middle]),
            *self._chunk(cursor, write, table, pairs[middle:]),
        ]

    def _count(self, changed: int, rows: int) -> None:
        self.written += changed
        self.unchanged += rows - changed


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())
