"""Scouts read what is to be read, in rounds, and pass over what they can't reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from msgspec import structs

from fleet.actors.behaviours import scout_markets
from fleet.actors.market_book import Knowledge
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Saved
from fleet.protocol.api import ApiRefusal
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import SHIPS, Assign, NoRoute, PlanRoute, ShipQuery
from fleet.protocol.tasks import Park, ScoutMarkets


def reads(bench: Any) -> list[str]:
    return [heard.data["symbol"] for heard in bench.server.done("get-market")]


def test_markets_and_yards_are_read_in_the_order_given(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    places = tuple(snapshot.home + name for name in ("A1", "H56", "H57"))
    made = bench(task=ScoutMarkets(waypoints=places, rounds=1))
    made.finish()
    assert reads(made) == list(places)
    assert [heard.data["symbol"] for heard in made.server.done("get-shipyard")] == [places[2]]


def test_a_place_that_no_way_leads_to_is_passed_over(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    places = (f"{snapshot.home}Z99", f"{snapshot.home}H56")
    made = bench(task=ScoutMarkets(waypoints=places, rounds=1))
    made.finish()
    assert made.orders.outcome == "done"
    assert reads(made) == [places[1]]


def test_a_place_without_a_market_costs_no_request_but_the_flight(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    rock = f"{snapshot.home}XX5B"

    def close(world: Any) -> None:
        del world.markets[rock]
        world.waypoints[rock].traits.remove("MARKETPLACE")

    known = snapshot.knowledge
    bare = {rock: structs.replace(known.waypoints[rock], traits=())}
    told = Knowledge(known.waypoints | bare, known.markets, known.yards)
    on = replace(snapshot.altered(close), knowledge=told)
    made = bench(on, task=ScoutMarkets(waypoints=(rock,), rounds=1))
    made.finish()
    assert [heard.operation for heard in made.server.heard] == ["orbit-ship", "navigate-ship"]


def test_rounds_are_made_until_they_are_over_an_interval_apart(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    here = f"{snapshot.home}A1"
    made = bench(task=ScoutMarkets(waypoints=(here,), rounds=3, interval=120.0))
    began = made.clock.now
    made.finish()
    assert reads(made) == [here] * 3
    assert 240.0 <= made.clock.now - began <= 250.0


def test_a_scout_for_ever_goes_on_until_it_gets_other_work(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    here = f"{snapshot.home}A1"
    made = bench(task=ScoutMarkets(waypoints=(here,), interval=60.0))
    made.dispatcher.run_for(3_600.0)
    assert 55 <= len(reads(made)) <= 61
    assert made.orders.outcome is None
    made.system.address(f"{SHIPS}/TEST-1").tell(Assign(Park(reason="enough")))
    made.dispatcher.run_for(1.0)
    assert made.ask(f"{SHIPS}/TEST-1", ShipQuery()).behaviour == "park"


def steps_of(ship: ShipState, task: ScoutMarkets) -> list[Any]:
    """Every step of a task whose reads are all refused, and that finds no way to anywhere."""
    steps, taken, answer = scout_markets.run(ship, task), list[Any](), None
    with suppress(StopIteration):
        while True:
            taken.append(steps.send(answer))
            answer = answer_to(taken[-1])
    return taken


def answer_to(step: Any) -> Any:
    match step:
        case Call():
            return ApiRefusal(0, "get-market", 404, 404, "no", {})
        case Ask(message=PlanRoute()):
            return NoRoute("no way")
    return None


def test_who_stays_at_one_market_saves_nothing_and_who_goes_round_how_far_it_came(
    snapshot: Any,
) -> None:
    (frigate,) = snapshot.ships
    here = frigate.nav.waypoint_symbol
    ship = ShipState(frigate, lambda: GameTime(0.0))
    stays = steps_of(ship, ScoutMarkets(waypoints=(here,), rounds=3))
    assert len([step for step in stays if isinstance(step, Call)]) == 3
    assert [step for step in stays if isinstance(step, Saved)] == []
    goes = steps_of(ship, ScoutMarkets(waypoints=(here, here + "X"), rounds=1))
    assert [step.task.done for step in goes if isinstance(step, Saved)] == [(here,)]
