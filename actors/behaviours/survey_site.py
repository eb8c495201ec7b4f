"""Stay at an asteroid and survey it, for all who mine there."""

from __future__ import annotations

from fleet.actors.moves import PAUSE, call, cool, go, orbit
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps, Tell, Until
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import SURVEYS
from fleet.protocol.surveys import SurveysMade
from fleet.protocol.tasks import SurveySite


def run(ship: ShipState, task: SurveySite) -> Steps:
    """Survey on each cooldown, for ever; ends when the ship can't survey."""
    if not ship.mounts("SURVEYOR"):
        return "no surveyor mounted"
    while True:
        yield from go(ship, task.asteroid)
        yield from orbit(ship)
        yield from cool(ship)
        reply = yield from call(ship, "create-survey", Lane.ACTION)
        if isinstance(reply, ApiRefusal):
            yield Until(GameTime(ship.now() + PAUSE), "waits to survey again")
        else:
            yield Tell(SURVEYS, SurveysMade(reply.surveys))
