"""Rows on their way to the database: states that may be merged, and ledger rows that may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Upsert:
    """The newest state of one row; a later one with the same table and key replaces it."""

    table: str
    key: tuple[Any, ...]
    """Values of the table's primary key columns after `namespace_id`, in their order."""

    values: Mapping[str, Any]
    """The other columns; all of them, every time."""


@dataclass(frozen=True, slots=True)
class Delete:
    """One row is gone."""

    table: str
    key: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Append:
    """A row that is never merged, dropped or reordered: ledger, price history, events."""

    table: str
    id: str
    """Made by the sender (`EPOCH-NUMBER`), so that inserting it twice changes nothing."""

    values: Mapping[str, Any]


Row = Upsert | Delete | Append
