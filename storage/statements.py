"""The SQL of one table: the same text for both databases but for the placeholders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fleet.storage.shape import NAMESPACE, SHAPES, Shape


@dataclass(frozen=True, slots=True)
class Statements:
    """What is needed to write one table, without the part that holds the values."""

    table: str
    columns: str
    """All columns, quoted, separated by commas."""

    width: int
    insert: str
    """`INSERT INTO … (…)`; values or a query follow."""

    replace: str
    """What follows the values of a state."""

    ignore: str
    """What follows the values of an appended row."""

    key: tuple[str, ...]
    """The quoted columns that find a row."""

    rest: tuple[str, ...]
    """The quoted columns of a state beside its key."""


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def statements_of(table: str) -> Statements:
    """Build the SQL of a table that exists."""
    shape: Shape = SHAPES[table]
    columns = ", ".join(map(_quoted, shape.names))
    key = tuple(map(_quoted, (NAMESPACE, *shape.key)))
    primary = ", ".join(_quoted(column.name) for column in shape.table.primary_key)
    rest = tuple(_quoted(name) for name in shape.names if name in shape.others)
    changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return Statements(
        table=_quoted(table),
        columns=columns,
        width=len(shape.names),
        insert=f"INSERT INTO {_quoted(table)} ({columns})",
        replace=f"ON CONFLICT ({primary}) DO UPDATE SET {changes}",
        ignore=f"ON CONFLICT ({primary}) DO NOTHING",
        key=key,
        rest=rest,
    )
