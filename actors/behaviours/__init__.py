"""What ships do: generator scripts that survive being killed at any step."""

from __future__ import annotations

from typing import assert_never

from fleet.actors.behaviours import (
    fulfil_contract,
    mine_and_sell,
    park,
    scout_markets,
    survey_site,
    trade_best_route,
)
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps
from fleet.protocol.tasks import (
    AnyTask,
    FulfilContract,
    MineAndSell,
    Park,
    ScoutMarkets,
    SurveySite,
    TradeBestRoute,
)

__all__ = ["start"]


def start(ship: ShipState, task: AnyTask) -> Steps:
    """Begin a task, or go on with it from what the ship is."""
    match task:
        case ScoutMarkets():
            return scout_markets.run(ship, task)
        case TradeBestRoute():
            return trade_best_route.run(ship, task)
        case MineAndSell():
            return mine_and_sell.run(ship, task)
        case SurveySite():
            return survey_site.run(ship, task)
        case FulfilContract():
            return fulfil_contract.run(ship, task)
        case Park():
            return park.run(ship, task)
        case _:
            assert_never(task)
