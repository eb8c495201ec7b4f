"""What the conductor asks of all ships is the same as counting them anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fleet.actors.member import Member
from fleet.actors.squadron import Squadron
from fleet.protocol.tasks import (
    FulfilContract,
    Lent,
    MineAndSell,
    Park,
    ScoutMarkets,
    TradeBestRoute,
)
from fleet.protocol.wire.ship import Ship

TASKS = (
    None,
    Park(reason="test"),
    ScoutMarkets(waypoints=("A", "B")),
    ScoutMarkets(waypoints=("B",)),
    ScoutMarkets(waypoints=("B", "C"), rounds=1),
    TradeBestRoute(),
    FulfilContract(),
    MineAndSell(asteroid="R"),
    Lent(experiment="e"),
)
NAMES = ("S-1", "S-2", "S-3", "S-4")


@pytest.fixture(scope="module")
def frigate(snapshot: Any) -> Ship:
    (frigate,) = snapshot.ships
    return frigate  # type: ignore[no-any-return]


def ship(frigate: Ship, name: str, at: str = "A") -> Ship:
    return replace(frigate, symbol=name, nav=replace(frigate.nav, waypoint_symbol=at))


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(TASKS), st.booleans())))
def test_its_answers_are_those_of_a_count(
    frigate: Ship, changes: list[tuple[str, Any, bool]]
) -> None:
    squadron, plain = Squadron(), dict[str, Any]()
    for name, task, anew in changes:
        if anew or name not in plain:
            squadron[name] = Member(ship(frigate, name), task)
        else:
            squadron.give(name, task)
        plain[name] = task
    assert list(squadron) == list(plain)
    assert squadron.tasks == {name: task for name, task in plain.items() if task is not None}
    idle = [name for name, task in plain.items() if task is None]
    assert [member.ship.symbol for member in squadron.idle] == idle
    scouts = [task for task in plain.values() if isinstance(task, ScoutMarkets)]
    assert set(squadron.visited) == {place for task in scouts for place in task.waypoints}
    staying = [task for task in scouts if task.rounds == 0]
    assert set(squadron.watched) == {place for task in staying for place in task.waypoints}
    assert squadron.count(FulfilContract) == list(plain.values()).count(FulfilContract())
    busy = TradeBestRoute, FulfilContract, MineAndSell
    assert squadron.working == [name for name, task in plain.items() if isinstance(task, busy)]
    watchers = [name for name, task in plain.items() if task == TASKS[3]]
    assert squadron.watcher_of("B") == (watchers[0] if watchers else None)


def test_who_stands_idle_at_a_place_is_found(frigate: Ship) -> None:
    squadron = Squadron()
    squadron["S-1"] = Member(ship(frigate, "S-1", at="A"))
    assert squadron.idle_at("A")
    assert not squadron.idle_at("B")
    flying = ship(frigate, "S-1", at="A")
    squadron["S-1"] = Member(replace(flying, nav=replace(flying.nav, status="IN_TRANSIT")))
    assert not squadron.idle_at("A")
    squadron["S-1"] = Member(ship(frigate, "S-1", at="A"), Park())
    assert not squadron.idle_at("A")


def test_a_ship_that_is_forgotten_is_nowhere(frigate: Ship) -> None:
    squadron = Squadron()
    squadron["S-1"] = Member(ship(frigate, "S-1"), TASKS[2])
    del squadron["S-1"]
    assert (len(squadron), squadron.idle, dict(squadron.visited)) == (0, [], {})
