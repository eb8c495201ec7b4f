"""The writer's mailbox: rows wait in lanes, money first, until they are durable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from fleet.protocol.rows import Append, Delete, Row, Rows, Upsert
from fleet.runtime import Context, Envelope, LaneMailbox
from fleet.storage.batch import CHILDREN
from fleet.storage.columns import Kind
from fleet.storage.shape import SHAPES

LEDGER_TABLES = frozenset({"requests", "ledger", "transactions", "extractions"})
"""Appended rows that must never be given up."""

TELEMETRY_TABLES = frozenset({"metrics_minute"})
"""States that may be given up."""


class RowLane(IntEnum):
    """What is written first, and what may be dropped when too much waits."""

    LEDGER = 0
    STATES = 1
    TELEMETRY = 2
    """Events, price history, metrics: the oldest go when the lane is full."""


LANES: Mapping[str, RowLane] = {
    **{name: RowLane.TELEMETRY for name, shape in SHAPES.items() if shape.kind is Kind.RECORD},
    **dict.fromkeys(TELEMETRY_TABLES, RowLane.TELEMETRY),
    **dict.fromkeys(LEDGER_TABLES, RowLane.LEDGER),
}
"""The lanes of all tables that hold no states."""


def lane_of(message: Any) -> int | None:
    """Name the lane of rows; everything else is delivered."""
    match message:
        case Rows(rows=rows):
            return _first(rows)
        case Upsert() | Delete() | Append():
            return _lane(message)
    return None


def _first(rows: Iterable[Row]) -> RowLane:
    """Find the first lane of rows that stay together: money brings the others along."""
    first = RowLane.TELEMETRY
    for row in rows:
        lane = LANES.get(row.table, RowLane.STATES)
        if lane is RowLane.LEDGER:
            return lane
        if lane < first:
            first = lane
    return first


def _lane(row: Row) -> RowLane:
    return LANES.get(row.table, RowLane.STATES)


def bundles(rows: Iterable[Row]) -> list[Row | Rows]:
    """Make one message of all rows of a lane: each message costs more than a row in it."""
    lanes: dict[RowLane, list[Row]] = {}
    for row in rows:
        lanes.setdefault(_lane(row), []).append(row)
    return [Rows(tuple(some)) if len(some) > 1 else some[0] for some in lanes.values()]


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

    def depth(self, lane: RowLane) -> int:
        """Count the messages that wait in a lane."""
        with self._guard:
            return len(self._lanes.get(lane, ()))

    def drop_overtaken(self) -> int:
        """End the messages whose states are all overtaken by newer ones that wait; count them."""
        with self._guard:
            waiting = list(self._lanes.get(RowLane.STATES, ()))
        gone = _overtaken(waiting)
        return len(self.withdraw(lambda envelope: envelope.id in gone)) if gone else 0


def _overtaken(waiting: list[Envelope]) -> set[int]:
    """Find messages of states that need not be written any more; by envelope id."""
    first: dict[tuple[str, Any], int] = {}
    for envelope in waiting:
        for row in rows_of(envelope):
            if not isinstance(row, Append):
                first.setdefault((row.table, row.key), envelope.id)
    newer: set[tuple[str, Any]] = set()
    gone: set[int] = set()
    for envelope in reversed(waiting):
        rows = rows_of(envelope)
        if all(_needless(row, envelope.id, first, newer) for row in rows):
            gone.add(envelope.id)
        newer.update((row.table, row.key) for row in rows if not isinstance(row, Append))
    return gone


def _needless(
    row: Row, place: int, first: dict[tuple[str, Any], int], newer: set[tuple[str, Any]]
) -> bool:
    if isinstance(row, Append) or (row.table, row.key) not in newer:
        return False
    if not CHILDREN.get(row.table):
        return True
    # Children that wait in between need their parent's first row, and go by its deletion.
    return isinstance(row, Upsert) and first[row.table, row.key] != place


def row_lanes_of(ctx: Context[Any]) -> RowLanes:
    """Tell the writer's own lanes. Raises Fenced."""
    lanes = ctx.lanes
    assert isinstance(lanes, RowLanes)
    return lanes
