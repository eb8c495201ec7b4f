"""Does it pay to have probes go wherever prices are old, and not to leave each at its market?

`fleet experiment run roaming_probes.py` compares both ways offline; `fleet inject
roaming_probes.py --ship NAME` has a ship of a running fleet do it.
"""

from __future__ import annotations

import math
from typing import Any

from fleet import (
    BOOK,
    HOUR,
    AnyTask,
    Arm,
    Ask,
    BookQuery,
    BookView,
    Experiment,
    GameTime,
    Scripted,
    ShipState,
    Situation,
    Steps,
    Until,
    go,
    read_market,
)


def run(ship: ShipState, _task: Any, *, fresh: float = 300.0) -> Steps:
    """Read the nearest market whose prices are older than `fresh` game seconds.

    It remembers nothing: wherever it is interrupted, it begins anew from where the ship is.
    """
    view: BookView = yield Ask(BOOK, BookQuery())
    seen = dict(view.markets_seen)
    here = next(place for place in view.waypoints if place.symbol == ship.at)
    old = [
        (math.dist((here.x, here.y), (place.x, place.y)), place.symbol)
        for place in view.waypoints
        if place.has("MARKETPLACE") and ship.now() - seen.get(place.symbol, 0.0) > fresh
    ]
    if not old:
        yield Until(GameTime(ship.now() + 60.0), "all prices are fresh")
        return "fresh"
    yield from go(ship, min(old)[1])
    yield from read_market(ship)
    return "read"


def probes_roam(situation: Situation) -> AnyTask | None:
    """Give probes this work, and leave all other ships to the conductor."""
    probe = situation.ship.registration.role == "SATELLITE"
    return Scripted(behaviour="roam") if probe else None


experiment = Experiment(
    name="roaming_probes",
    arms=(
        Arm(name="default"),
        Arm(name="roaming", behaviours={"roam": run}, rules=(probes_roam,)),
    ),
    scenario="late",
    seconds=0.25 * HOUR,
)
