"""The form of a table's rows: which values it takes, and the tuple that the database gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from fleet.protocol.rows import Append, Delete, Upsert
from fleet.storage.columns import METADATA, Kind
from fleet.storage.keys import Keys, row_number
from fleet.storage.quick_check import QuickCheck, Values
from fleet.storage.tables import EVENTS, LEDGER, kind
from fleet.storage.values import BadRow, Convert, converter

NAMESPACE = "namespace_id"

Number = Callable[[int, Append, dict[str, Any], Keys], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """One table's columns, in the order of the tuples that are written to it."""

    table: Table
    kind: Kind
    key: tuple[str, ...]
    """Primary key columns after `namespace_id`."""

    names: tuple[str, ...]
    """All columns; `namespace_id` and the key come first in a state table."""

    known: frozenset[str]
    """The same without an order."""

    others: frozenset[str]
    """Columns that are neither `namespace_id` nor key."""

    converters: tuple[Convert, ...]
    """What each column takes, in the order of `names`."""

    quick: QuickCheck
    """Tells rows that need no converting."""

    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """Gives the values of `others` in the order of `names`."""

    has_id: bool
    """Whether the sender's id has a column of its own."""

    number: Number | None
    """Adds the numbers that the store hands out to the values of a record."""

    def state_key(self, namespace: int, row: Upsert | Delete) -> tuple[Any, ...]:
        """Give the primary key of a state. Raises BadRow."""
        self._demand(Kind.STATE)
        width = len(self.key)
        if len(row.key) != width:
            raise BadRow(f"the key of {self.table.name} is ({', '.join(self.key)})")
        pairs = zip(self.converters[1 : 1 + width], row.key, strict=True)
        return namespace, *[convert(value) for convert, value in pairs]

    def states(
        self, namespace: int, rows: Iterable[Upsert]
    ) -> tuple[list[tuple[Values, Upsert]], list[Upsert]]:
        """Give the tuples of states that can go as they are, and the states to look at singly.

        Raises BadRow if the table holds no states.
        """
        self._demand(Kind.STATE)
        others, width, pick = self.others, len(self.key), self.pick
        groups: dict[tuple[type, ...], list[tuple[Values, Upsert]]] = {}
        doubtful: list[Upsert] = []
        for row in rows:
            if row.values.keys() != others or len(row.key) != width:
                doubtful.append(row)
                continue
            values = (namespace, *row.key, *pick(row.values))
            types = tuple(map(type, values))
            group = groups.get(types)
            if group is None:
                group = groups[types] = []
            group.append((values, row))
        good: list[tuple[Values, Upsert]] = []
        for types, group in groups.items():
            if self.quick.all_pass(types, [values for values, _ in group]):
                good += group
            else:
                doubtful += [row for _, row in group]
        return good, doubtful

    def state(self, namespace: int, row: Upsert) -> Values:
        """Give the whole tuple of a state, its key first. Raises BadRow."""
        key = self.state_key(namespace, row)
        if row.values.keys() != self.others:
            raise BadRow(_difference(self.table.name, row.values, self.others))
        pairs = zip(self.converters[len(key) :], self.pick(row.values), strict=True)
        return (*key, *[convert(value) for convert, value in pairs])

    def records(
        self, namespace: int, rows: Sequence[Append], keys: Keys
    ) -> tuple[list[tuple[Values, Append]], list[tuple[Append, str]]]:
        """Give the tuples of appended rows, in their order, and the rows that can't be one and why.

        Columns left out are null. Raises BadRow if the table holds no records.
        """
        self._demand(Kind.RECORD)
        made: list[tuple[Values, Append]] = []
        bad: list[tuple[Append, str]] = []
        groups: dict[tuple[type, ...], list[Values]] = {}
        for row in rows:
            try:
                values = self._assembled(namespace, row, keys)
            except ValueError as error:
                bad.append((row, str(error)))
                continue
            made.append((values, row))
            groups.setdefault(tuple(map(type, values)), []).append(values)
        doubtful = {
            types for types, group in groups.items() if not self.quick.all_pass(types, group)
        }
        return (self._converted(made, doubtful, bad) if doubtful else made), bad

    def _assembled(self, namespace: int, row: Append, keys: Keys) -> Values:
        given = {**row.values, NAMESPACE: namespace}
        if self.has_id:
            given["id"] = row.id
        if self.number is not None:
            self.number(namespace, row, given, keys)
        if not given.keys() <= self.known:
            unknown = ", ".join(sorted(given.keys() - self.known))
            raise BadRow(f"{self.table.name} has no column {unknown}")
        return tuple(map(given.get, self.names))

    def _converted(
        self,
        made: list[tuple[Values, Append]],
        doubtful: set[tuple[type, ...]],
        bad: list[tuple[Append, str]],
    ) -> list[tuple[Values, Append]]:
        """Look at each value of the rows with these types; what can't be converted is bad."""
        good: list[tuple[Values, Append]] = []
        for values, row in made:
            if tuple(map(type, values)) not in doubtful:
                good.append((values, row))
                continue
            pairs = zip(self.converters, values, strict=True)
            try:
                good.append((tuple([convert(value) for convert, value in pairs]), row))
            except ValueError as error:
                bad.append((row, str(error)))
        return good

    def _demand(self, wanted: Kind) -> None:
        if self.kind is not wanted:
            raise BadRow(
                f"{self.table.name} is a {self.kind.value} table, not a {wanted.value} one"
            )


_SYMBOL = converter(METADATA.tables["ship_ids"].c.symbol, "ship")


def _number_event(namespace: int, row: Append, given: dict[str, Any], keys: Keys) -> None:
    ship = given.pop("ship", None)
    symbol = "" if ship is None else _SYMBOL(ship)
    given["ship_id"] = keys.ship_id(namespace, symbol)
    given["seq"] = row_number(row.id)


def _number_ledger(namespace: int, _row: Append, given: dict[str, Any], keys: Keys) -> None:
    given["seq"] = keys.ledger_seq(namespace, given.get("seq"))


def _number_record(_namespace: int, row: Append, given: dict[str, Any], _keys: Keys) -> None:
    given["seq"] = row_number(row.id)


def _numbering(table: Table) -> Number | None:
    if "seq" not in table.columns:
        return None
    known = {EVENTS.name: _number_event, LEDGER.name: _number_ledger}
    return known.get(table.name, _number_record)


def _difference(table: str, values: Mapping[str, Any], wanted: frozenset[str]) -> str:
    missing = ", ".join(sorted(wanted - values.keys()))
    unknown = ", ".join(sorted(map(str, values.keys() - wanted)))
    parts = [f"lacks {missing}"] if missing else []
    if unknown:
        parts.append(f"has no column {unknown}")
    return f"{table} {' and '.join(parts)}"


def _shape(table: Table) -> Shape:
    # Plain ones: they go into messages, and a library's own kind of str could not be recorded.
    names = tuple(str(column.name) for column in table.columns)
    key = tuple(str(column.name) for column in table.primary_key if column.name != NAMESPACE)
    known = frozenset(names)
    others = known - {NAMESPACE, *key}
    return Shape(
        table=table,
        kind=kind(table),
        key=key,
        names=names,
        known=known,
        others=others,
        converters=tuple(map(converter, table.columns)),
        quick=QuickCheck(tuple(table.columns)),
        pick=_picker(names, others),
        has_id="id" in known,
        number=_numbering(table),
    )


def _picker(
    names: tuple[str, ...], others: frozenset[str]
) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    wanted = [name for name in names if name in others]
    if len(wanted) > 1:
        return itemgetter(*wanted)
    # For one name itemgetter would give the bare value.
    return lambda values: tuple([values[name] for name in wanted])


SHAPES: dict[str, Shape] = {table.name: _shape(table) for table in METADATA.sorted_tables}
"""Every table's shape by name, parents before children."""


def shape_of(table: str) -> Shape:
    """Find a table's shape. Raises BadRow for a table that does not exist."""
    found = SHAPES.get(table)
    if found is None:
        raise BadRow(f"there is no table {table!r}")
    return found
