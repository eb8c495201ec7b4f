"""Who was chosen to rest, and has not gone to rest yet, keeps its trip when there is room again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.conductor import conductor_props
from fleet.actors.conductor_settings import ConductorSettings
from fleet.protocol.api import Lane
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    CONDUCTOR,
    SHIPS,
    TREASURY,
    WRITER,
    Assign,
    BookQuery,
    BookView,
    Funds,
    ShipQuery,
    ShipView,
    TreasuryQuery,
    Working,
)
from fleet.protocol.saturation import Relieved, Saturated
from fleet.protocol.tasks import TradeBestRoute
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.place import Waypoint
from fleet.protocol.wire.ship import Ship

NAMES = ("T-1", "T-2", "T-3")
HOME = Waypoint(symbol="X1-T-A", system_symbol="X1-T", type="PLANET", x=0, y=0)
AGENT = Agent(symbol="T", headquarters=HOME.symbol, credits=900_000)
TRIP = TradeBestRoute(
    good="IRON", buy_at="X1-T-Z", sell_at=HOME.symbol, units=40, ask=50, stage="selling"
)


def hauler(ship: Ship, name: str) -> Ship:
    role = replace(ship.registration, role="HAULER")
    return replace(ship, symbol=name, registration=role)


@pytest.fixture
def traders(virtual: Any, snapshot: Any) -> Any:
    """A conductor whose three haulers are on a trip; everybody else is played."""
    ships = {name: hauler(snapshot.ships[0], name) for name in NAMES}
    given: list[Any] = []

    def answer(ctx: Any, message: Any) -> None:
        match message:
            case BookQuery():
                ctx.reply(BookView((HOME,), (), frozenset(), ()))
            case TreasuryQuery():
                ctx.reply(Funds(900_000, 0))
            case Assign(task=task):
                given.append(task)
            case ShipQuery():
                known = ships[ctx.self.path.rpartition("/")[2]]
                income = (("trade_best_route", 100),)
                view = ShipView(ship=known, behaviour="", doing="", income=income, requests=50)
                ctx.reply(view)

    for path in (BOOK, BUCKET, TREASURY, WRITER, SHIPS, *(f"{SHIPS}/{name}" for name in NAMES)):
        virtual.spawn(path, receive=answer)
    settings = ConductorSettings(agent=AGENT, most_ships=len(NAMES), wants=())
    conductor = virtual.system.spawn(CONDUCTOR, conductor_props(settings))
    for ship in ships.values():
        conductor.tell(Working(ship, TRIP))
    virtual.run(2.0)
    return virtual, conductor, given


def test_a_trip_that_is_still_under_way_goes_on(traders: Any) -> None:
    stage, conductor, given = traders
    for _ in range(3):
        conductor.tell(Saturated(Lane.ACTION, 8.0, 1.5, 2.0))
        stage.run(60.0)
    assert stage.events.records("ship.parked")
    conductor.tell(Relieved(Lane.ACTION, 1.0))
    stage.run(30.0)
    assert given == []
