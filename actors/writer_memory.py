"""What the writer does with waiting rows so that an outage of any length fits into memory."""

from __future__ import annotations

from typing import Any

from fleet.actors.row_lanes import RowLane, RowLanes, rows_of
from fleet.actors.writer_door import WriterDoor
from fleet.runtime import Context
from fleet.storage.errors import StoreUnavailable

CHUNK = 1_000
"""Messages that go to disk in one transaction."""


class WriterMemory:
    """Gives up old telemetry, drops states that newer ones overtook, puts the ledger on disk."""

    def __init__(self, door: WriterDoor, telemetry: int) -> None:
        self._door = door
        self._telemetry = telemetry
        self.dropped = 0
        """Rows of telemetry given up."""

        self._full = False
        """Whether this machine's disk did not take rows the last time."""

    def drop_telemetry(self, ctx: Context[Any], lanes: RowLanes) -> None:
        """Give up the oldest telemetry beyond the limit."""
        if lanes.held <= self._telemetry:
            return
        surplus = lanes.depth(RowLane.TELEMETRY) - self._telemetry
        if surplus <= 0:
            return
        for envelope in lanes.lease(RowLane.TELEMETRY, surplus):
            lanes.settle(envelope.id)
        self.dropped += surplus
        ctx.log("telemetry.dropped", level="warning", text=f"{surplus} rows were given up.")

    def shrink(self, ctx: Context[Any], lanes: RowLanes) -> None:
        """Do all of it; while the database is away."""
        lanes.drop_overtaken()
        self.drop_telemetry(ctx, lanes)
        if self._door.spills:
            self._spill(ctx, lanes)

    def _spill(self, ctx: Context[Any], lanes: RowLanes) -> None:
        while taken := lanes.lease(RowLane.LEDGER, CHUNK):
            rows = [row for envelope in taken for row in rows_of(envelope)]
            try:
                self._door.keep(rows)
            except StoreUnavailable as failure:
                for envelope in taken:
                    lanes.release(envelope.id)
                self._tell_full(ctx, failure)
                return
            for envelope in taken:
                lanes.settle(envelope.id)
            self._full = False

    def _tell_full(self, ctx: Context[Any], failure: StoreUnavailable) -> None:
        if not self._full:
            self._full = True
            text = f"Rows cannot wait on disk either: {failure}; they wait in memory."
            ctx.log("outbox.failed", level="error", text=text, reason=str(failure))
