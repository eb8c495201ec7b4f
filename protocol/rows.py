"""Rows on their way to the database: states that may be merged, and ledger rows that may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fleet.protocol.clock import GameTime


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


@dataclass(frozen=True, slots=True)
class Rows:
    """Several rows that are stored in one transaction, or not at all (yet)."""

    rows: tuple[Row, ...]

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True)
class Recall:
    """Ask the writer for the newest values of one row, whether they are stored yet or not.

    Answered with the values of all columns but the key, or None for a row that is not there.
    While the database is away the answer waits, unless the row itself waits to be written.
    """

    table: str
    key: tuple[Any, ...]

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True)
class Flush:
    """Write now; answered with True once everything that was sent before is durable."""

    redeliver: ClassVar[str] = "once"


RECONCILE_WITHIN = 15.0
"""Wall seconds that nothing is sent for the books to be compared: a database that is away must
not keep the whole bucket waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Compare the ledger with the credits that the server just told, while nothing is in flight.

    Everything sent before is written first; a difference becomes one `reconciled` row.
    Answered with the difference, in credits.
    """

    credits: int
    at: GameTime
    row_id: str
    """Id of the row, if one is needed."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True)
class WriterQuery:
    """Ask the writer how it is; answered with WriterStatus."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterStatus:
    """How the writer is."""

    pending: int
    """Messages with rows that are not durable yet."""

    flushes: int
    rows: int
    """Rows that changed the database since this writer started."""

    last_flush_ms: float
    failing: bool
    """The database did not take the last transaction; it is tried again."""

    dropped: int
    """Telemetry rows given up since the lane was full."""

    spilled: int = 0
    """Rows on this machine's disk that the database has not taken yet."""
