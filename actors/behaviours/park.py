"""Do nothing, at no cost, until another task comes, or a trade that pays."""

from __future__ import annotations

from fleet.actors.behaviours.trade_best_route import find_trade
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps, Until
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import TradePlan
from fleet.protocol.tasks import Park


def run(ship: ShipState, task: Park) -> Steps:
    """Wait for a while, then ask for work again; who is to look for a trade does so each time."""
    for look in range(task.looks, 0, -1):
        yield Until(GameTime(ship.now() + task.seconds), f"parked: {task.reason}")
        if look > 1:
            found = yield from find_trade(ship, task.least, claim=False)
            if isinstance(found, TradePlan):
                return "parked: a trade pays"
    return "parked"
