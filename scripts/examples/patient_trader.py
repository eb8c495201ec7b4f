"""Does it pay to rest a minute between trips, so that prices recover?

A behaviour of one's own, a conductor's rule that uses it, and an experiment that compares both
with the plain fleet: `fleet experiment run patient_trader.py --seeds 30`.
"""

from __future__ import annotations

from fleet.actors.behaviours import trade_best_route
from fleet.actors.conductor_settings import Situation
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps, Until
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import HOUR, Experiment
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import AnyTask, Scripted, TradeBestRoute

PAUSE = 60.0


def patient_trip(ship: ShipState, task: TradeBestRoute) -> Steps:
    """Make one trip as fleet does, and then wait a minute of game time."""
    outcome = yield from trade_best_route.run(ship, task)
    yield Until(GameTime(ship.now() + PAUSE), "lets prices recover")
    return outcome


def idle(ship: ShipState, task: Scripted) -> Steps:
    """Stay where the ship is, for as long as the task says."""
    yield Until(GameTime(ship.now() + float(task.data["seconds"])), "idles")
    return "idled"


def command_ship_rests(situation: Situation) -> AnyTask | None:
    """Give the command ship nothing to trade: how much does it bring?"""
    if situation.ship.registration.role != "COMMAND":
        return None
    return Scripted(behaviour="idle", data={"seconds": 600.0})


experiment = Experiment(
    name="patient_trader",
    arms=(
        Arm(name="default"),
        Arm(name="patient", behaviours={"trade_best_route": patient_trip}),
        Arm(name="resting", behaviours={"idle": idle}, rules=(command_ship_rests,)),
    ),
    seconds=3 * HOUR,
)
