"""The SQL of one table: the same text for both databases but for the placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import make_url

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

    move: str
    """Changes states whose place in the table is known, and tells keys and places; PostgreSQL's
    own, and empty for tables whose rows don't change all the time."""

    place: str
    """Follows `replace` to tell keys and places."""


POSTGRESQL = make_url("postgresql+psycopg2://").get_dialect()()

OFTEN = "fillfactor"
"""PostgreSQL's option of tables whose rows change all the time: they have room for versions."""


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
        move=_move(shape, key, rest) if _often(shape) else "",
        place=_place(shape, key),
    )


def _often(shape: Shape) -> bool:
    return OFTEN in (shape.table.dialect_options["postgresql"]["with"] or ())


def _move(shape: Shape, key: Sequence[str], rest: Sequence[str]) -> str:
    table, columns = _quoted(shape.table.name), shape.table.columns
    # What stands in VALUES has no type of its own: a null is a text.
    types = {_quoted(one.name): one.type.compile(dialect=POSTGRESQL) for one in columns}
    changes = ", ".join(f"{name} = new.{name}::{types[name]}" for name in rest)
    # Another row may be at that place by now. Written so that no index serves it: going through
    # the index is what the place is to save.
    same = " AND ".join(f"{table}.{name} IS NOT DISTINCT FROM new.{name}" for name in key)
    names = ", ".join(map(_quoted, shape.names))
    return (
        f"UPDATE {table} SET {changes} FROM (VALUES %s) AS new (place, {names}) "
        f"WHERE {table}.ctid = new.place::tid AND {same} {_place(shape, key)}"
    )


def _place(shape: Shape, key: Sequence[str]) -> str:
    table = _quoted(shape.table.name)
    return f"RETURNING {', '.join(f'{table}.{name}' for name in key)}, {table}.ctid::text"
