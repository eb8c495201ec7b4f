"""One trip: bounded by the purse, by the price, and by where the ship stands in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from fleet.protocol.tasks import TradeBestRoute


def give(make: Callable[..., Any], snapshot: Any, task: Any, **changes: Any) -> Any:
    """Make a bench where the ship has cargo, is somewhere, or the agent has other credits."""

    def alter(world: Any) -> None:
        (ship,) = world.ships.values()
        (agent,) = world.agents.values()
        ship.cargo.update(changes.get("cargo", {}))
        ship.nav.waypoint = changes.get("at", ship.nav.waypoint)
        agent.credits = changes.get("credits", agent.credits)

    return make(snapshot.altered(alter), task=task)


@pytest.fixture
def plan(snapshot: Any) -> TradeBestRoute:
    """A trip with a cheap good."""
    home = snapshot.home
    return TradeBestRoute(
        good="POLYNUCLEOTIDES",
        buy_at=f"{home}E51",
        sell_at=f"{home}D48",
        units=30,
        ask=300,
        stage="going",
    )


def operations(bench: Any) -> list[str]:
    return [heard.operation for heard in bench.server.heard]


def test_a_trip_pays_and_is_done(bench: Callable[..., Any]) -> None:
    trip = bench(task=TradeBestRoute())
    trip.finish()
    assert trip.orders.outcome == "done"
    assert trip.credits > 175_000


def test_what_is_in_the_hold_is_sold_before_a_trip_is_chosen(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    trip = give(bench, snapshot, TradeBestRoute(), cargo={"IRON_ORE": 12})
    trip.finish()
    assert trip.units("sell-cargo", "IRON_ORE") == 12
    assert operations(trip).index("sell-cargo") < operations(trip).index("purchase-cargo")


def test_without_credits_there_is_no_trip(bench: Callable[..., Any], snapshot: Any) -> None:
    trip = give(bench, snapshot, TradeBestRoute(), credits=5_100)
    trip.finish()
    assert trip.orders.outcome.startswith("no trade")
    assert trip.server.heard == []


def test_a_price_far_above_the_plan_buys_nothing(
    bench: Callable[..., Any], snapshot: Any, plan: TradeBestRoute
) -> None:
    trip = give(bench, snapshot, replace(plan, ask=10))
    trip.finish()
    assert trip.orders.outcome == "nothing bought"
    assert "purchase-cargo" not in operations(trip)


def test_half_a_purchase_is_completed_up_to_the_plan(
    bench: Callable[..., Any], snapshot: Any, plan: TradeBestRoute
) -> None:
    task = replace(plan, stage="buying")
    trip = give(bench, snapshot, task, cargo={plan.good: 20}, at=plan.buy_at)
    trip.finish()
    assert trip.units("purchase-cargo", plan.good) == 10
    assert trip.units("sell-cargo", plan.good) == 30


@pytest.mark.parametrize("stage", ["going", "buying", "selling"])
def test_a_laden_ship_that_stands_at_the_buyers_sells_whatever_was_saved(
    bench: Callable[..., Any], snapshot: Any, plan: TradeBestRoute, stage: str
) -> None:
    task = replace(plan, stage=stage)
    trip = give(bench, snapshot, task, cargo={plan.good: 20}, at=plan.sell_at)
    trip.finish()
    assert trip.orders.outcome == "done"
    assert "purchase-cargo" not in operations(trip)
    assert trip.units("sell-cargo", plan.good) == 20


@pytest.mark.parametrize("stage", ["buying", "selling"])
def test_an_empty_ship_at_the_buyers_has_made_its_trip(
    bench: Callable[..., Any], snapshot: Any, plan: TradeBestRoute, stage: str
) -> None:
    trip = give(bench, snapshot, replace(plan, stage=stage), at=plan.sell_at)
    trip.finish()
    assert trip.orders.outcome == "done"
    assert trip.server.heard == []


@pytest.mark.parametrize(("held", "outcome"), [(0, "no trade: no credits free"), (20, "done")])
def test_who_finds_no_credits_for_the_rest_of_the_trip_buys_no_more(
    bench: Callable[..., Any], snapshot: Any, plan: TradeBestRoute, held: int, outcome: str
) -> None:
    cargo = {plan.good: held} if held else {}
    # Enough for a lot, but not for what is missing and its margin.
    trip = give(bench, snapshot, plan, cargo=cargo, at=plan.buy_at, credits=3_000)
    trip.finish()
    assert trip.units("purchase-cargo", plan.good) == 0
    assert trip.units("sell-cargo", plan.good) == held
    assert trip.orders.outcome == outcome
