"""What all tables share: one metadata, short names for column types, two kinds of table."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(
    # Named constraints are the only ones that a later migration can drop on both databases.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the fleet's database; fill it by importing `fleet.storage.tables`."""

JSON_BODY = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON kept as text by SQLite and as binary JSON by PostgreSQL."""


class Kind(Enum):
    """How rows reach a table; stands in `table.info["kind"]`."""

    STATE = "state"
    """The newest state per key, by Upsert and Delete."""

    RECORD = "record"
    """What happened, by Append; rows are never changed."""

    SERVICE = "service"
    """The storage's own; no row from outside enters it."""


STATE: dict[str, Any] = {"kind": Kind.STATE}
RECORD: dict[str, Any] = {"kind": Kind.RECORD}
SERVICE: dict[str, Any] = {"kind": Kind.SERVICE}


def text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    """Make a column of text."""
    return Column(name, Text, primary_key=key, nullable=null)


def whole(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    """Make a column of 32-bit integers."""
    return Column(name, Integer, primary_key=key, nullable=null, autoincrement=False)


def big(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    """Make a column of 64-bit integers: credits and sequence numbers."""
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


def real(name: str, *, key: bool = False, null: bool = False) -> Column[float]:
    """Make a column of doubles; times are seconds since the epoch on the game's clock."""
    return Column(name, Double, primary_key=key, nullable=null)


def flag(name: str) -> Column[bool]:
    """Make a column of booleans."""
    return Column(name, Boolean, nullable=False)


def body(name: str, *, null: bool = False) -> Column[Any]:
    """Make a column of JSON."""
    return Column(name, JSON_BODY, nullable=null)


def namespace() -> Column[int]:
    """Make the first column of every table that the fleet writes."""
    return Column(
        "namespace_id",
        Integer,
        ForeignKey("namespaces.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def child_of(table: str, parent: Sequence[str], columns: Sequence[str]) -> ForeignKeyConstraint:
    """Tie rows to a row of another table; they go when it goes."""
    return ForeignKeyConstraint(
        ["namespace_id", *columns],
        [f"{table}.{name}" for name in ("namespace_id", *parent)],
        ondelete="CASCADE",
    )
