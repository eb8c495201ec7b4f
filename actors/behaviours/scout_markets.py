"""Visit waypoints in turn and read what their markets and shipyards offer."""

from __future__ import annotations

from msgspec.structs import replace

from fleet.actors.moves import Stuck, go, read_market, read_yard
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Saved, Steps, Until
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BOOK, Describe
from fleet.protocol.tasks import ScoutMarkets
from fleet.protocol.wire.place import Waypoint


def run(ship: ShipState, task: ScoutMarkets) -> Steps:
    """Read each waypoint once a round; a round lasts at least the interval."""
    began = ship.now()
    while True:
        to_do = [waypoint for waypoint in task.waypoints if waypoint not in task.done]
        if not to_do:
            if task.rounds == 1:
                return "done"
            task = replace(task, done=(), rounds=max(0, task.rounds - 1))
            yield Saved(task)
            yield Until(GameTime(began + task.interval), "waits for prices to move")
            began = ship.now()
            continue
        yield from _read(ship, to_do[0])
        task = replace(task, done=(*task.done, to_do[0]))
        yield Saved(task)


def _read(ship: ShipState, waypoint: str) -> Steps:
    try:
        yield from go(ship, waypoint)
    except Stuck as stuck:
        return str(stuck)
    place: Waypoint | None = yield Ask(BOOK, Describe(waypoint))
    if place is None or place.has("MARKETPLACE"):
        yield from read_market(ship, Lane.BACKGROUND)
    if place is not None and place.has("SHIPYARD"):
        yield from read_yard(ship)
    return "read"
