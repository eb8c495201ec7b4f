"""The conductor buys what the plan says and no more, whatever befalls it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fleet.actors.behaviours import Behaviours
from fleet.actors.conductor import conductor_props
from fleet.actors.conductor_settings import ConductorSettings, Situation
from fleet.actors.fleet_plan import PLAN, ROLE_OF
from fleet.actors.market_book import Knowledge
from fleet.actors.parking import ParkingSettings
from fleet.actors.ship import ship_props
from fleet.actors.steps import Steps, Until
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    BUCKET,
    CONDUCTOR,
    SHIPS,
    Assign,
    FleetQuery,
    FleetView,
    Ready,
    ShipQuery,
)
from fleet.protocol.saturation import Relieved, Saturated
from fleet.protocol.strain import Strain
from fleet.protocol.tasks import Park, Scripted
from fleet.runtime import Actor, Context, Props
from fleet.runtime.chaos import Misbehave
from fleet.simulator.rules.fleet import launch
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise

MOST = 5
MINUTE = 60.0
PARTS = 4
# FLEET_LONG=1 tries every step, each commit every eighth one.
STRIDE = 1 if os.environ.get("FLEET_LONG") == "1" else 8
READY = "tell /fleet/conductor Ready "


@pytest.fixture(scope="session")
def rich(snapshot: Any) -> Any:
    """A world with a frigate at home, a probe at each yard, and credits for the whole plan."""

    def enrich(world: Any) -> None:
        (agent,) = world.agents.values()
        agent.credits = 3_000_000
        for name in ("A2", "H57"):
            at = f"{snapshot.home}{name}"
            launch(world, snapshot.catalogue, agent, "SHIP_PROBE", at, world.created)

    return snapshot.altered(enrich)


class Fleet:
    """A bench with a real conductor; its effects, and those of the first ships, pass fates."""

    def __init__(self, make: Callable[..., Any], on: Any, most: int = MOST, **more: Any) -> None:
        self._most = most
        self.fates: dict[str, Any] = {}
        self.bench = make(on, change=self._change, **more)
        self.server = self.bench.server

    def _change(self, bench: Any, spec: SupervisorSpec) -> SupervisorSpec:
        settings = ConductorSettings(agent=bench.snapshot.agent, most_ships=self._most)
        ships = tuple(
            ChildSpec(id=ship.symbol, props=self._ship(bench, ship))
            for ship in bench.snapshot.ships
        )
        others = {
            "conductor": bench.mortal(conductor_props(settings), bench.fate),
            "ships": supervise(SupervisorSpec(children=ships)),
        }
        children = tuple(
            replace(child, props=others.get(child.id, child.props)) for child in spec.children
        )
        return replace(spec, children=tuple(c for c in children if c.id != "clock"))

    def _ship(self, bench: Any, ship: Any) -> Any:
        self.fates[ship.symbol] = bench.new_fate()
        return bench.mortal(ship_props(ship.symbol, ship), self.fates[ship.symbol])

    def run(self, minutes: float) -> Fleet:
        self.bench.dispatcher.run_for(minutes * MINUTE)
        return self

    def crash(self) -> None:
        self.bench.system.address(CONDUCTOR).tell(Misbehave("crash"))

    @property
    def owned(self) -> list[Any]:
        """The ships that the server says are ours."""
        return list(self.server.world.ships.values())

    @property
    def view(self) -> FleetView:
        view: FleetView = self.bench.ask(CONDUCTOR, FleetQuery())
        return view

    def problems(self) -> Iterator[str]:
        """Say everything that is not as it must be."""
        symbols = {ship.symbol for ship in self.owned}
        if len(symbols) != self._most:
            yield f"{len(symbols)} ships instead of {self._most}"
        if set(self.view.ships) != symbols:
            yield f"the conductor knows {self.view.ships} of {symbols}"
        for symbol in symbols:
            shown = self.bench.ask(f"{SHIPS}/{symbol}", ShipQuery())
            if not shown.behaviour:
                yield f"{symbol} has nothing to do"
        for symbol, fate in self.fates.items():
            asked = fate.done.count(READY)
            if fate.heard.count("Assign") > asked:
                yield f"{symbol} was given {fate.heard.count('Assign')} tasks and wanted {asked}"
        if self.bench.reserved_by("conductor"):
            yield "the conductor still holds a grant"
        yield from self.bench.crashes()


@pytest.fixture
def conduct(bench: Callable[..., Any], rich: Any) -> Callable[..., Fleet]:
    """Makes fleets in the rich world, or in another one."""
    return lambda on=rich, **more: Fleet(bench, on, **more)


@pytest.fixture(scope="session", params=["known", "unknown"])
def world(request: pytest.FixtureRequest, rich: Any) -> Any:
    """The rich world as it is known after a while, and as a fleet meets it first."""
    return rich if request.param == "known" else replace(rich, knowledge=Knowledge())


@pytest.fixture(scope="session")
def undisturbed(make_bench: Callable[..., Any], world: Any) -> Fleet:
    """A fleet that nothing befalls, looked at when it is complete."""
    fleet = Fleet(make_bench, world)
    fleet.bench.dispatcher.run_while(lambda: len(fleet.owned) < MOST, limit=5 * MINUTE)
    fleet.run(0.2)
    fleet.bench.problems = list(fleet.problems())
    fleet.bench.close()
    return fleet


def by_plan(most: int) -> list[str]:
    """List the roles that the plan has bought when there are so many ships."""
    roles = ["COMMAND", "SATELLITE", "SATELLITE"]
    for want in PLAN:
        role = ROLE_OF[want.ship_type]
        while roles.count(role) < want.count and len(roles) < most:
            roles.append(role)
    return sorted(roles)


def test_it_buys_exactly_what_the_plan_says_and_stops_at_the_most(undisturbed: Fleet) -> None:
    assert undisturbed.bench.problems == []
    assert sorted(ship.role for ship in undisturbed.owned) == by_plan(MOST)


def test_no_purchase_is_sent_in_vain(undisturbed: Fleet) -> None:
    asked = [heard for heard in undisturbed.server.heard if heard.operation == "purchase-ship"]
    assert [heard.status for heard in asked] == [201] * (MOST - 3)


def kills(base: Fleet, way: str) -> list[int]:
    """Number the effects, or the requests, at which a way of dying differs from the others.

    In a world that it does not know, only the requests for its chart are new.
    """
    fate = base.bench.fate
    requests = [n for n, label in enumerate(fate.effects) if "ApiRequest" in label]
    if way == "lost":
        heard = enumerate(base.server.heard)
        return [number for number, each in heard if each.operation == "purchase-ship"]
    if way == "in flight" or not base.bench.snapshot.knowledge.waypoints:
        return requests
    return list(range(len(fate.effects))) if way == "before" else list(fate.waiting)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", ["before", "after", "in flight", "lost"])
def test_a_conductor_killed_at_any_step_ends_with_the_same_fleet_and_disturbs_nobody(
    way: str, part: int, conduct: Callable[..., Fleet], world: Any, undisturbed: Fleet
) -> None:
    found = []
    labels = undisturbed.bench.fate.effects
    for number in kills(undisturbed, way)[part :: PARTS * STRIDE]:
        kill = (("after" if way == "in flight" else way), number)
        fleet = conduct(world, kill=kill, latency=1.0 if way == "in flight" else 0.0)
        if way == "lost":
            fleet.server.lose = {number}
        fleet.run(3)
        assert way == "lost" or fleet.bench.fate.way == ""
        at = f"{way} {number} {labels[number] if way != 'lost' else ''}: "
        found += [at + problem for problem in fleet.problems()]
        if sorted(ship.role for ship in fleet.owned) != by_plan(MOST):
            found.append(f"{at}{[ship.role for ship in fleet.owned]}")
        fleet.bench.close()
    assert not found, "\n".join(found)


class Hopeless(Actor[Any]):
    """A ship that ends every task at once."""

    def __init__(self, ship: Any, given: list[Any]) -> None:
        self._ship = ship
        self._given = given

    def on_start(self, ctx: Context[Any]) -> None:
        ctx.tell(ctx.address(CONDUCTOR), Ready(self._ship))

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, Assign):
            self._given.append(message.task)
            if not isinstance(message.task, Park):
                ctx.tell(ctx.address(CONDUCTOR), Ready(self._ship, message.task, "no way"))


def test_a_ship_whose_tasks_end_at_once_is_parked_and_keeps_nobody_busy(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    given: list[Any] = []
    (ship,) = snapshot.ships

    def change(made: Any, spec: SupervisorSpec) -> SupervisorSpec:
        props = Props(factory=lambda: Hopeless(ship, given))
        ships = supervise(SupervisorSpec(children=(ChildSpec(id=ship.symbol, props=props),)))
        settings = ConductorSettings(agent=snapshot.agent, most_ships=1)
        others = {"ships": ships, "conductor": conductor_props(settings)}
        children = (
            replace(child, props=others.get(child.id, child.props)) for child in spec.children
        )
        return replace(spec, children=tuple(c for c in children if c.id != "clock"))

    bench(change=change).dispatcher.run_for(MINUTE)
    assert len(given) < 10
    assert isinstance(given[-1], Park)
    assert given[-1].reason == "no way"


def test_a_ship_that_is_silent_after_a_restart_still_counts(conduct: Callable[..., Fleet]) -> None:
    fleet = conduct(most=4).run(1)
    assert len(fleet.owned) == 4
    silent = f"{SHIPS}/{fleet.owned[-1].symbol}"
    # Cut off without anybody being told: as silent as a ship that hangs.
    fleet.bench.system.retire(silent)
    fleet.crash()
    fleet.run(0.5)
    assert silent.rpartition("/")[2] not in fleet.view.ships
    fleet.run(5)
    assert len(fleet.owned) == 4


def test_what_was_paid_for_ships_outlives_the_conductor(conduct: Callable[..., Fleet]) -> None:
    fleet = conduct(most=4).run(2)
    paid = fleet.view.value
    assert paid > 0
    fleet.crash()
    fleet.run(1)
    assert fleet.view.value == paid


def test_a_rule_goes_before_the_conductor_and_a_behaviour_of_ones_own_runs(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    ran: list[Any] = []
    (ship,) = snapshot.ships

    def stroll(state: Any, task: Scripted) -> Steps:
        ran.append(task.data)
        yield Until(GameTime(state.now() + 60.0), "strolls")
        return "strolled"

    def rule(situation: Situation) -> Scripted | None:
        if situation.ship.symbol != ship.symbol or len(ran) >= 2:
            return None
        return Scripted(behaviour="stroll", data={"turn": len(ran)})

    def change(made: Any, spec: SupervisorSpec) -> SupervisorSpec:
        settings = ConductorSettings(
            agent=snapshot.agent,
            most_ships=1,
            rules=(rule,),
            behaviours=Behaviours({"stroll": stroll}),
        )
        ships = SupervisorSpec(children=(ChildSpec(id=ship.symbol, props=settings.ship(ship)),))
        others = {"ships": supervise(ships), "conductor": conductor_props(settings)}
        children = (
            replace(child, props=others.get(child.id, child.props)) for child in spec.children
        )
        return replace(spec, children=tuple(c for c in children if c.id != "clock"))

    made = bench(change=change)
    made.dispatcher.run_for(1.5 * MINUTE)
    view: FleetView = made.ask(CONDUCTOR, FleetQuery())
    assert dict(view.assignments)[ship.symbol] == "stroll"
    made.dispatcher.run_for(5 * MINUTE)
    assert ran == [{"turn": 0}, {"turn": 1}]
    view = made.ask(CONDUCTOR, FleetQuery())
    assert dict(view.assignments)[ship.symbol] not in ("", "stroll")


def test_a_task_whose_behaviour_is_not_there_any_more_ends_at_once(
    bench: Callable[..., Any],
) -> None:
    made = bench(task=Scripted(behaviour="gone"))
    made.finish()
    assert made.orders.outcome == "no behaviour is called gone"
    assert made.server.heard == []


def test_ships_rest_while_requests_wait_too_long_and_work_again_afterwards(
    conduct: Callable[..., Fleet],
) -> None:
    fleet = conduct(most=6).run(3)

    def resting() -> list[str]:
        return [name for name, task in fleet.view.assignments if task == "park"]

    before = resting()
    conductor = fleet.bench.system.address(CONDUCTOR)
    # The real bucket has its own view of it.
    fleet.bench.system.cell(BUCKET).mailbox.watchers.clear()
    for _ in range(ParkingSettings().patience - 1):
        conductor.tell(Saturated(Lane.TRADE, 20.0, 2.0))
    fleet.run(8)
    assert resting() == before, "it may have been a fault, and be over"
    for _ in range(2):
        conductor.tell(Saturated(Lane.TRADE, 20.0, 2.0))
        fleet.run(8)
    assert len(resting()) > len(before)
    fleet.run(11)
    assert len(resting()) > len(before), "who rests asks for work now and then, and gets none"
    for _ in range(4):
        conductor.tell(Relieved(Lane.TRADE, 0.5))
        fleet.run(1)
    assert resting() == before
    assert list(fleet.bench.crashes()) == []


def test_nothing_new_is_begun_while_memory_is_critical(conduct: Callable[..., Fleet]) -> None:
    fleet = conduct(most=12).run(0.1)
    conductor = fleet.bench.system.address(CONDUCTOR)
    conductor.tell(Strain(critical=True))
    fleet.run(0.1)
    before = len(fleet.owned)
    fleet.run(2)
    assert len(fleet.owned) == before
    conductor.tell(Strain(critical=False))
    fleet.run(2)
    assert len(fleet.owned) > before


def test_the_answer_to_a_purchase_that_got_lost_is_found_by_counting(
    conduct: Callable[..., Fleet], world: Any, undisturbed: Fleet
) -> None:
    heard = enumerate(undisturbed.server.heard)
    first = next(number for number, each in heard if each.operation == "purchase-ship")
    fleet = conduct(world)
    fleet.server.lose = {first}
    fleet.run(4)
    operations = [each.operation for each in fleet.server.heard]
    assert operations[first] == "purchase-ship"
    after = operations[first + 1 :]
    assert after.index("get-my-ships") < after.index("purchase-ship")
    assert list(fleet.problems()) == []


def test_a_new_ship_has_work_as_soon_as_it_is_there(
    conduct: Callable[..., Fleet],
) -> None:
    fleet = conduct(most=4)
    dispatcher = fleet.bench.dispatcher
    assert dispatcher.run_while(lambda: len(fleet.owned) < 4, limit=5 * MINUTE)
    bought = fleet.bench.clock.now
    new = fleet.owned[-1].symbol

    def idle() -> bool:
        assignments = dict(fleet.view.assignments)
        return not assignments.get(new)

    dispatcher.run_while(idle, limit=MINUTE)
    assert fleet.bench.clock.now - bought <= 1.0
