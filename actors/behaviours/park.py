"""Do nothing, at no cost, until another task comes."""

from __future__ import annotations

from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps, Until
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import Park


def run(ship: ShipState, task: Park) -> Steps:
    """Wait for a while, then ask for work again."""
    yield Until(GameTime(ship.now() + task.seconds), f"parked: {task.reason}")
    return "parked"
