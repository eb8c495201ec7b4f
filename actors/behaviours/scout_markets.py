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
    places: dict[str, Waypoint] = {}
    began, saved = ship.now(), task
    while True:
        to_do = [waypoint for waypoint in task.waypoints if waypoint not in task.done]
        if to_do:
            yield from _read(ship, to_do[0], places)
            task = replace(task, done=(*task.done, to_do[0]))
            if len(to_do) > 1:
                yield Saved(saved := task)
            continue
        if task.rounds == 1:
            return "done"
        task = replace(task, done=(), rounds=max(0, task.rounds - 1))
        # Who stays at one market reads it every few seconds: what is saved each time would be the
        # rounds that are left, and a ship that is taken up again may as well begin to count anew.
        if task != saved and len(task.waypoints) > 1:
            yield Saved(saved := task)
        yield Until(GameTime(began + task.interval), "waits for prices to move")
        began = ship.now()


def _read(ship: ShipState, waypoint: str, places: dict[str, Waypoint]) -> Steps:
    try:
        yield from go(ship, waypoint)
    except Stuck as stuck:
        return str(stuck)
    place = places.get(waypoint)
    if place is None:
        place = yield Ask(BOOK, Describe(waypoint))
    if place is not None:
        places[waypoint] = place
    if place is None or place.has("MARKETPLACE"):
        yield from read_market(ship, Lane.BACKGROUND)
    if place is not None and place.has("SHIPYARD"):
        yield from read_yard(ship)
    return "read"
