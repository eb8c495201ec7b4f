"""The conductor asks less of a trip the longer a ship has had none, through its own restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fleet.actors.conductor import conductor_props
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.luck import HALVES
from fleet.protocol.fleet import CONDUCTOR, Assign, BookQuery, BookView, Ready
from fleet.protocol.tasks import LEAST_RATE, AnyTask, TradeBestRoute
from fleet.protocol.wire.place import Waypoint
from fleet.runtime import Actor, Context, Props
from fleet.runtime.chaos import Misbehave
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise

TAKES = 600.0
"""Game seconds of each task."""


class Trader(Actor[Any]):
    """A ship whose trips end as they are told to, and whose other tasks are over in time."""

    def __init__(self, ship: Any, given: list[AnyTask], outcome: Callable[[], str]) -> None:
        self._ship, self._given, self._outcome = ship, given, outcome

    def on_start(self, ctx: Context[Any]) -> None:
        ctx.tell(ctx.address(CONDUCTOR), Ready(self._ship))

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, Assign):
            self._given.append(message.task)
            ctx.timer("end", message.task, after=TAKES)
        elif isinstance(message, AnyTask):
            trip = isinstance(message, TradeBestRoute)
            outcome = self._outcome() if trip else "over"
            ctx.tell(ctx.address(CONDUCTOR), Ready(self._ship, message, outcome))
        else:
            ctx.tell(ctx.address(CONDUCTOR), Ready(self._ship))


class FreshBook(Actor[Any]):
    """A book in which somebody has just read all markets and yards."""

    def __init__(self, places: tuple[Waypoint, ...]) -> None:
        self._places = places

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, BookQuery):
            seen = tuple((place.symbol, ctx.now()) for place in self._places)
            yards = tuple((place.symbol, "SHIP_PROBE", 9_999_999) for place in self._places)
            ctx.reply(BookView(self._places, seen, frozenset(), yards))


def test_a_trip_must_bring_less_after_each_while_without_one_and_as_usual_after_one(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    given: list[AnyTask] = []
    outcomes = ["no trade: none"]
    (ship,) = snapshot.ships

    def change(made: Any, spec: SupervisorSpec) -> SupervisorSpec:
        props = Props(factory=lambda: Trader(ship, given, lambda: outcomes[-1]))
        ships = supervise(SupervisorSpec(children=(ChildSpec(id=ship.symbol, props=props),)))
        settings = ConductorSettings(agent=snapshot.agent, most_ships=1)
        places = tuple(snapshot.knowledge.waypoints.values())
        book = Props(factory=lambda: FreshBook(places))
        others = {"ships": ships, "conductor": conductor_props(settings), "book": book}
        children = (
            replace(child, props=others.get(child.id, child.props)) for child in spec.children
        )
        return replace(spec, children=tuple(c for c in children if c.id != "clock"))

    made = bench(change=change)

    def wanted() -> float:
        return [task.least for task in given if isinstance(task, TradeBestRoute)][-1]

    made.dispatcher.run_for(HALVES)
    assert wanted() == LEAST_RATE
    made.system.address(CONDUCTOR).tell(Misbehave("crash"))
    made.dispatcher.run_for(1.5 * HALVES)
    assert wanted() < LEAST_RATE
    outcomes.append("done")
    made.dispatcher.run_for(HALVES)
    assert wanted() == LEAST_RATE
