"""The writer's mailbox: rows wait in lanes, money first, until they are durable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from fleet.protocol.rows import Append, Delete, Row, Rows, Upsert
from fleet.runtime import Context, Envelope, LaneMailbox

LEDGER_TABLES = frozenset({"requests", "ledger", "transactions"})
"""Appended rows that must never be given up."""

TELEMETRY_TABLES = frozenset({"metrics_minute"})
"""States that may be given up."""


class RowLane(IntEnum):
    """What is written first, and what may be dropped when too much waits."""

    LEDGER = 0
    STATES = 1
    TELEMETRY = 2
    """Events, price history, metrics: the oldest go when the lane is full."""


def lane_of(message: Any) -> int | None:
    """Name the lane of rows; everything else is delivered."""
    match message:
        case Rows(rows=rows):
            return min(map(_lane, rows), default=RowLane.TELEMETRY)
        case Upsert() | Delete() | Append():
            return _lane(message)
    return None


def _lane(row: Row) -> RowLane:
    if row.table in LEDGER_TABLES:
        return RowLane.LEDGER
    if isinstance(row, Append) or row.table in TELEMETRY_TABLES:
        return RowLane.TELEMETRY
    return RowLane.STATES


def rows_of(envelope: Envelope) -> tuple[Row, ...]:
    """Tell the rows that a message carries."""
    message = envelope.message
    return message.rows if isinstance(message, Rows) else (message,)


@dataclass(slots=True)
class RowLanes(LaneMailbox):
    """Lanes that can be searched for the newest row of a key."""

    def pending(self) -> Iterator[Row]:
        """List all rows that are not durable yet, oldest first."""
        with self._guard:
            held = [envelope for lane in self._lanes.values() for envelope in lane]
            held += [lease.envelope for lease in self._leases.values()]
        for envelope in sorted(held, key=lambda other: other.id):
            yield from rows_of(envelope)

    def newest(self, table: str, key: tuple[Any, ...]) -> Upsert | Delete | None:
        """Find the newest state of a row that is not durable yet."""
        found: Upsert | Delete | None = None
        for row in self.pending():
            if not isinstance(row, Append) and row.table == table and row.key == key:
                found = row
        return found


def row_lanes_of(ctx: Context[Any]) -> RowLanes:
    """Tell the writer's own lanes. Raises Fenced."""
    lanes = ctx.lanes
    assert isinstance(lanes, RowLanes)
    return lanes
