"""Extract at an asteroid until the hold is full, then sell where it pays best."""

from __future__ import annotations

from msgspec import to_builtins
from msgspec.structs import replace

from fleet.actors.behaviours.delivery import hand_over
from fleet.actors.behaviours.disposal import sell_all
from fleet.actors.moves import FULL_HOLD, PAUSE, Script, call, cool, go, orbit
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Saved, Steps, Tell, Until
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import SURVEYS
from fleet.protocol.surveys import PickSurvey, SurveyGone, SurveysMade
from fleet.protocol.tasks import MineAndSell
from fleet.protocol.wire.contract import Survey

SURVEY_GONE = frozenset({4220, 4221, 4224, 4270})
UNSTABLE = 4253


def run(ship: ShipState, task: MineAndSell) -> Steps:
    """Mine one hold full and sell it."""
    if not ship.mounts("MINING_LASER"):
        return "no mining laser mounted"
    if task.stage == "mining":
        while not _full(ship):
            yield from go(ship, task.asteroid)
            yield from orbit(ship)
            yield from cool(ship)
            if not (yield from _extract(ship, task.asteroid)):
                break
        task = replace(task, stage="selling")
        yield Saved(task)
    if task.contract:
        # Even with an empty hold: all may be handed over, and the payment still be due.
        yield from hand_over(ship, task.contract)
    yield from sell_all(ship)
    return "done"


def _full(ship: ShipState) -> bool:
    """Whether more than half of the next yield would be lost."""
    return ship.cargo.free < max(1, ship.strength("MINING_LASER") / 2)


def _extract(ship: ShipState, asteroid: str) -> Script:
    """Extract once; gives whether to go on mining."""
    survey: Survey | None = yield Ask(SURVEYS, PickSurvey(asteroid))
    if survey is None and ship.mounts("SURVEYOR"):
        made = yield from call(ship, "create-survey", Lane.ACTION)
        if not isinstance(made, ApiRefusal):
            yield Tell(SURVEYS, SurveysMade(made.surveys))
            return True
    if survey is None:
        reply = yield from call(ship, "extract-resources", Lane.ACTION)
    else:
        body = to_builtins(survey)
        reply = yield from call(ship, "extract-resources-with-survey", Lane.ACTION, **body)
    if not isinstance(reply, ApiRefusal):
        return True
    if survey is not None and reply.code in SURVEY_GONE:
        yield Tell(SURVEYS, SurveyGone(survey.signature))
        return True
    if reply.code == UNSTABLE:
        yield Until(GameTime(ship.now() + PAUSE), "waits for the asteroid to settle")
        return True
    return reply.code not in FULL_HOLD and reply.status == 409
