"""The form of a table's rows: which values it takes, and the tuple that the database gets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Integer, Table, Text

from fleet.protocol.rows import Append, Delete, Upsert
from fleet.storage.columns import METADATA, Kind
from fleet.storage.keys import Keys, row_number
from fleet.storage.tables import EVENTS, LEDGER, kind

NAMESPACE = "namespace_id"


class BadRow(ValueError):
    """A row that no table takes; its text says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One table's columns, in the order of the tuples that are written to it."""

    table: Table
    kind: Kind
    key: tuple[str, ...]
    """Primary key columns after `namespace_id`."""

    names: tuple[str, ...]
    """All columns; `namespace_id` and the key come first in a state table."""

    others: frozenset[str]
    """Columns that are neither `namespace_id` nor key."""

    def state_key(self, namespace: int, row: Upsert | Delete) -> tuple[Any, ...]:
        """Give the primary key of a state. Raises BadRow."""
        self._demand(Kind.STATE)
        if len(row.key) != len(self.key):
            raise BadRow(f"the key of {self.table.name} is ({', '.join(self.key)})")
        pairs = zip(self.key, row.key, strict=True)
        return namespace, *(self._convert(name, value) for name, value in pairs)

    def state(self, namespace: int, row: Upsert) -> tuple[Any, ...]:
        """Give the whole tuple of a state, its key first. Raises BadRow."""
        key = self.state_key(namespace, row)
        if row.values.keys() != self.others:
            raise BadRow(_difference(self.table.name, row.values, self.others))
        return (*key, *(self._convert(name, row.values[name]) for name in self.names[len(key) :]))

    def record(self, namespace: int, row: Append, keys: Keys) -> tuple[Any, ...]:
        """Give the whole tuple of an appended row; columns left out are null. Raises BadRow."""
        self._demand(Kind.RECORD)
        given = {**row.values, NAMESPACE: namespace}
        if "id" in self.names:
            given["id"] = row.id
        self._number(namespace, row, given, keys)
        if unknown := given.keys() - set(self.names):
            raise BadRow(f"{self.table.name} has no column {', '.join(sorted(unknown))}")
        return tuple(self._convert(name, given.get(name)) for name in self.names)

    def _number(self, namespace: int, row: Append, given: dict[str, Any], keys: Keys) -> None:
        if self.table is EVENTS:
            ship = self._symbol(given.pop("ship", None))
            given["ship_id"] = keys.ship_id(namespace, ship)
        if self.table is LEDGER:
            given["seq"] = keys.ledger_seq(namespace, given.get("seq"))
        elif "seq" in self.names:
            given["seq"] = row_number(row.id)

    def _symbol(self, ship: Any) -> str:
        if ship is None:
            return ""
        return str(_text(ship, "ship"))

    def _convert(self, name: str, value: Any) -> Any:
        column = self.table.c[name]
        if value is None:
            if column.nullable:
                return None
            raise BadRow(f"{self.table.name}.{name} must have a value")
        return CONVERTERS[_type(column)](value, f"{self.table.name}.{name}")

    def _demand(self, wanted: Kind) -> None:
        if self.kind is not wanted:
            raise BadRow(
                f"{self.table.name} is a {self.kind.value} table, not a {wanted.value} one"
            )


def _difference(table: str, values: Mapping[str, Any], wanted: frozenset[str]) -> str:
    missing = ", ".join(sorted(wanted - values.keys()))
    unknown = ", ".join(sorted(map(str, values.keys() - wanted)))
    parts = [f"lacks {missing}"] if missing else []
    if unknown:
        parts.append(f"has no column {unknown}")
    return f"{table} {' and '.join(parts)}"


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadRow(f"{where} takes text, not {value!r}")
    if "\x00" in value:
        raise BadRow(f"{where} takes no text with a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadRow(f"{where} takes no text with half a character") from None
    return value


def _whole(value: Any, where: str) -> int:
    return _integer(value, where, 31)


def _big(value: Any, where: str) -> int:
    return _integer(value, where, 63)


def _integer(value: Any, where: str, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRow(f"{where} takes a whole number, not {value!r}")
    if not -(1 << bits) <= value < 1 << bits:
        raise BadRow(f"{where} takes {bits + 1}-bit numbers, not {value}")
    return value


def _real(value: Any, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise BadRow(f"{where} takes a finite number, not {value!r}")
    return float(value)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise BadRow(f"{where} takes true or false, not {value!r}")
    return value


def _json(value: Any, where: str) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRow(f"{where} takes JSON: {error}") from None


CONVERTERS: Mapping[type, Callable[[Any, str], Any]] = {
    Text: _text,
    Integer: _whole,
    BigInteger: _big,
    Double: _real,
    Boolean: _flag,
    JSON: _json,
}
"""What each type of column takes; the two databases would otherwise accept different things."""


def _type(column: Column[Any]) -> type:
    return type(column.type)


def _shape(table: Table) -> Shape:
    names = tuple(column.name for column in table.columns)
    key = tuple(column.name for column in table.primary_key if column.name != NAMESPACE)
    others = frozenset(names) - {NAMESPACE, *key}
    return Shape(table, kind(table), key, names, others)


SHAPES: dict[str, Shape] = {table.name: _shape(table) for table in METADATA.sorted_tables}
"""Every table's shape by name, parents before children."""


def shape_of(table: str) -> Shape:
    """Find a table's shape. Raises BadRow for a table that does not exist."""
    found = SHAPES.get(table)
    if found is None:
        raise BadRow(f"there is no table {table!r}")
    return found
