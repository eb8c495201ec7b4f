"""The tree's orderly stop, and what is saved when some of it does not stop in time."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from fleet.host.tally import Tally
from fleet.protocol.errors import FleetError
from fleet.protocol.fleet import WRITER
from fleet.protocol.rows import Flush
from fleet.runtime import ActorSystem
from fleet.supervision.supervisor import Shutdown

ROOT: Final = "/fleet"

FLUSH_WITHIN: Final = 0.5
"""Wall seconds that the writer gets where it was not even asked to stop in time."""


def stop_tree(system: ActorSystem, events: Tally, within: float) -> tuple[str, ...]:
    """Stop every actor in order, within so many wall seconds; tell who had to be abandoned.

    Runs in the main thread, with the watchdog still on.
    """
    try:
        survivors: tuple[str, ...] = system.address(ROOT).ask(Shutdown(), timeout=within)
    except FleetError as failure:
        return _leave(system, events, failure)
    events.emit("fleet.stopped", text="the fleet has stopped", survivors=list(survivors))
    return survivors


def _leave(system: ActorSystem, events: Tally, failure: FleetError) -> tuple[str, ...]:
    """Abandon whoever is left, but not the rows that the writer, who stops last, still has."""
    with suppress(FleetError):
        system.address(WRITER).ask(Flush(), timeout=FLUSH_WITHIN)
    left = [cell for cell in system.cells() if not cell.closed]
    busy = tuple(cell.address.path for cell in left if cell.in_hand is not None)
    survivors = busy or tuple(cell.address.path for cell in left)
    text = f"not all stopped in time ({failure}): {', '.join(survivors)}"
    events.emit("fleet.stopped", level="error", text=text, survivors=list(survivors))
    system.close()
    return survivors
