"""Twice what can be sent is asked for: ships rest until nobody waits long, and stay at it."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import pytest

from fleet.actors.limiter import Limiter
from fleet.actors.parking import Parking, Weighed
from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.fleet import SHIPS, ShipQuery, ShipView
from fleet.protocol.saturation import Relieved, Saturated, Watch
from fleet.runtime import Actor, Context, Props

from .conftest import Act

BUCKET, SHIPS_THERE = "/bucket", 40
MINUTE = 60.0
THINKS = 8.0
"""Game seconds of flight between a ship's requests: 5 a second for all of them."""


class Ship(Actor[Any]):
    """Asks for one thing at a time, and flies in between; earns the more the higher its number."""

    def __init__(self, number: int, thinks: float) -> None:
        self.number, self.asked, self.rests = number, 0, False
        self.thinks = thinks

    def on_start(self, ctx: Context[Any]) -> None:
        ctx.timer("fly", "arrived", after=ctx.random.uniform(0, self.thinks))

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if message == "arrived":
            self.asked += 1
            lane = Lane.TRADE if self.asked % 3 == 0 else Lane.ACTION
            request = ApiRequest(number=self.asked, operation="dock-ship", lane=lane)
            ctx.tell(ctx.address(BUCKET), request)
        elif isinstance(message, ShipQuery):
            income = (("mine", 10 * self.number * self.asked),)
            ctx.reply(
                ShipView(ship=None, behaviour="", doing="", income=income, requests=self.asked)  # type: ignore[arg-type]
            )
        elif message == "rest":
            self.rests = True
        elif message == "work":
            self.rests = False
            self._fly(ctx)
        elif not self.rests:
            self._fly(ctx)

    def _fly(self, ctx: Context[Any]) -> None:
        ctx.timer("fly", "arrived", after=self.thinks * ctx.random.uniform(0.5, 1.5))


class Chief(Actor[Any]):
    """What the conductor does about it."""

    def __init__(self) -> None:
        self.parking, self.told, self.parked, self.answers = Parking(), [], [], 0

    def on_start(self, ctx: Context[Any]) -> None:
        ctx.tell(ctx.address(BUCKET), Watch())

    def receive(self, ctx: Context[Any], message: Any) -> None:
        names = [str(number) for number in range(SHIPS_THERE)]
        match message:
            case Saturated():
                working = [name for name in names if name not in self.parking.parked]
                self._rest(ctx, self.parking.saturated(ctx, message, working))
            case Relieved():
                ship = self.parking.relieved(message, ctx.now())
                if ship is not None:
                    ctx.tell(ctx.address(f"{SHIPS}/{ship}"), "work")
            case Weighed():
                self.answers += 1
                self._rest(ctx, self.parking.weighed(message, ctx.now()))
        if isinstance(message, Saturated | Relieved):
            self.told.append((ctx.now(), message))

    def _rest(self, ctx: Context[Any], ships: list[str]) -> None:
        self.parked += ships
        for ship in ships:
            ctx.tell(ctx.address(f"{SHIPS}/{ship}"), "rest")


@pytest.fixture
def chief(world: Any) -> Chief:
    return begin(world)


def begin(world: Any, thinks: float = THINKS) -> Chief:
    chief = Chief()
    world.start(4, limiter=Limiter)
    for number in range(SHIPS_THERE):
        world.stage.system.spawn(f"{SHIPS}/{number}", Props(factory=partial(Ship, number, thinks)))
    world.stage.system.spawn("/chief", Props(factory=lambda: chief))
    return chief


def test_twice_the_demand_is_relieved_within_ten_minutes_and_without_flapping(
    world: Any, chief: Chief
) -> None:
    world.run(2 * MINUTE)
    assert Lane.TRADE in world.status.saturated
    world.run(8 * MINUTE)
    waits = {lane.lane: lane.wait_p50 for lane in world.status.lanes}
    assert waits[Lane.ACTION] < 5.0
    assert waits[Lane.TRADE] < 5.0
    assert chief.answers <= SHIPS_THERE, "what ships have told serves for ten minutes"
    world.run(30 * MINUTE)
    turns = [kind for kind, _ in itertools.groupby(type(news) for news in _of(chief))]
    assert turns.count(Saturated) <= 3, "each time it takes longer until ships try again"
    # Who earns least per request rests: about half of all ships ask for too much.
    assert max(map(int, chief.parked[:8])) < SHIPS_THERE / 2
    assert world.status.share_last_minute >= 0.8, "those that work use what there is"


FAULTS = {
    "an outage": Act("unavailable", delay=0.05),
    "connections that break": Act("unknown", delay=0.05),
    "half-open sockets": Act("unknown", delay=10.0),
    "a breaker that stays open": Act("unsent", delay=0.0),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_nobody_rests_for_a_fault_of_the_api(world: Any, fault: Act) -> None:
    # Half of what may be sent is asked for.
    chief = begin(world, thinks=4 * THINKS)
    for _ in range(2):
        world.run(2 * MINUTE)
        world.otherwise = fault
        world.run(5 * MINUTE)
        assert max(lane.queued for lane in world.status.lanes) > 3, "many wait"
        world.otherwise = Act()
    world.run(5 * MINUTE)
    assert chief.parked == []


def test_ships_rest_where_answers_are_so_slow_that_all_workers_are_busy(world: Any) -> None:
    world.otherwise = Act(delay=6.0)
    chief = begin(world)
    world.run(10 * MINUTE)
    assert chief.parked != []


def _of(chief: Chief) -> list[Any]:
    return [news for _, news in chief.told if news.lane is Lane.TRADE]
