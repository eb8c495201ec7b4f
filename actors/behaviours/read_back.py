"""Read the ship, since somebody else has flown it."""

from __future__ import annotations

from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Call, Steps
from fleet.protocol.api import Lane
from fleet.protocol.tasks import ReadBack


def run(ship: ShipState, _task: ReadBack) -> Steps:
    """Ask the server; what it answers is what the ship is from then on."""
    params = {"shipSymbol": ship.symbol}
    yield Call(operation="get-my-ship", lane=Lane.SAFETY, params=params)
    return "read back"
