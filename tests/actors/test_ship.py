"""A ship among actors that are played by the test: what it sends, and what it makes of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.patience import LEAST as TRY_AGAIN
from fleet.actors.ship import MOST_DEATHS
from fleet.actors.ship_messages import Recalled
from fleet.actors.ship_pause import PAUSE
from fleet.actors.ship_state import ARRIVAL_SLACK
from fleet.protocol.api import (
    ApiReply,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
    Withdraw,
    Withdrawn,
)
from fleet.protocol.clock import to_iso
from fleet.protocol.fleet import (
    Announce,
    Assign,
    NoRoute,
    PlanRoute,
    Ready,
    Release,
    ReleaseTrade,
    Working,
)
from fleet.protocol.rows import Delete, Recall, Upsert
from fleet.protocol.surveys import PickSurvey
from fleet.protocol.tasks import FulfilContract, MineAndSell, Park, ScoutMarkets, SurveySite, dump
from fleet.protocol.wire.ship import Ship

from .harbour import PARK, Harbour


@pytest.fixture
def ship(snapshot: Any) -> Ship:
    """A docked frigate with lasers and surveyors."""
    (frigate,) = snapshot.ships
    return frigate  # type: ignore[no-any-return]


@pytest.fixture
def harbour(virtual: Any, ship: Ship) -> Harbour:
    """A ship without a task."""
    return Harbour(virtual, ship)


@pytest.fixture
def surveying(harbour: Harbour, ship: Ship) -> Harbour:
    """A ship that is to survey where it is, and has asked to leave the dock."""
    harbour.tell(Assign(SurveySite(asteroid=ship.nav.waypoint_symbol)))
    assert harbour.operations == ["orbit-ship"]
    return harbour


def test_a_ship_without_a_saved_task_lets_go_of_everything_and_asks_for_work(
    harbour: Harbour, ship: Ship
) -> None:
    assert harbour.said(Ready) == [Ready(ship)]
    assert harbour.said(Release) == [Release("TEST-1")]
    assert harbour.said(ReleaseTrade) == [ReleaseTrade("TEST-1")]
    assert harbour.requests == []


def test_what_the_task_before_had_asked_for_is_no_answer_to_the_next(harbour: Harbour) -> None:
    harbour.tell(Assign(ScoutMarkets(waypoints=("X1-ELSEWHERE-A",), rounds=1)))
    (asked,) = harbour.asked(PlanRoute)
    # The book is busy; meanwhile the ship gets another task, which waits for its first request.
    harbour.tell(Assign(FulfilContract()))
    assert harbour.operations == ["get-contracts"]
    harbour.stage.system.reply(asked, NoRoute("far away"))
    harbour.stage.run()
    assert harbour.operations == ["get-contracts"]
    assert harbour.stage.events.records("actor.crashed") == []


def test_a_ship_goes_on_with_the_task_that_it_finds_saved(virtual: Any, ship: Ship) -> None:
    task = SurveySite(asteroid=ship.nav.waypoint_symbol)
    harbour = Harbour(virtual, ship, task)
    assert harbour.said(Working) == [Working(ship, task)]
    assert harbour.said(Ready) == []
    assert harbour.operations == ["orbit-ship"]


def test_a_saved_task_of_another_version_is_none(virtual: Any, ship: Ship) -> None:
    harbour = Harbour(virtual, ship)
    harbour.saved = {"task": '{"type":"of another age"}'}
    harbour.crash()
    harbour.tell(Withdrawn(()))
    harbour.reply(ship)
    assert len(harbour.said(Ready)) == 2


def test_a_task_is_saved_before_anything_is_done_for_it(surveying: Harbour, ship: Ship) -> None:
    heard = [message for _, message in surveying.heard]
    saved = next(m for m in heard if isinstance(m, Upsert) and m.table == "assignments")
    assert saved.key == ("TEST-1",)
    assert heard.index(saved) < heard.index(surveying.requests[0])


def test_an_answer_brings_the_next_step_and_a_late_one_nothing(surveying: Harbour) -> None:
    first = surveying.requests[0]
    surveying.reply(surveying.orbiting())
    assert surveying.operations == ["orbit-ship", "create-survey"]
    surveying.tell(ApiReply(first.number, "orbit-ship", surveying.orbiting()))
    surveying.tell(UnknownOutcome(first.number, "orbit-ship", "late"))
    surveying.tell(Expired(first.number))
    surveying.stage.run(TRY_AGAIN + 1)
    assert surveying.operations == ["orbit-ship", "create-survey"]


def test_an_unknown_outcome_is_read_back_before_the_ship_acts_again(
    surveying: Harbour, ship: Ship
) -> None:
    surveying.saved = {"task": dump(SurveySite(asteroid=ship.nav.waypoint_symbol))}
    request = surveying.requests[-1]
    surveying.tell(UnknownOutcome(request.number, request.operation, "no answer"))
    assert surveying.operations == ["orbit-ship", "get-my-ship"]
    assert surveying.requests[-1].lane is Lane.SAFETY
    surveying.reply(replace(ship, nav=surveying.orbiting().nav))
    assert surveying.operations[2:] == ["create-survey"]


def test_a_replaced_ship_takes_back_its_requests_reads_itself_and_goes_on(
    surveying: Harbour, ship: Ship
) -> None:
    surveying.saved = {"task": dump(SurveySite(asteroid=ship.nav.waypoint_symbol))}
    surveying.crash()
    assert surveying.said(Withdraw) == [Withdraw()]
    assert surveying.operations == ["orbit-ship"]
    surveying.tell(Withdrawn(()))
    assert surveying.operations == ["orbit-ship", "get-my-ship"]
    surveying.reply(ship)
    assert surveying.operations[2:] == ["orbit-ship"]
    numbers = [request.number for request in surveying.requests]
    assert len(set(numbers)) == 3


def test_a_replaced_ship_waits_for_the_end_of_what_is_in_flight(
    surveying: Harbour, ship: Ship
) -> None:
    number = surveying.requests[-1].number
    surveying.crash()
    surveying.tell(Withdrawn((number, number + 1)))
    surveying.tell(UnknownOutcome(number, "orbit-ship", "replaced"))
    assert surveying.operations == ["orbit-ship"]
    surveying.tell(UnknownOutcome(number + 1, "orbit-ship", "replaced"))
    assert surveying.operations == ["orbit-ship", "get-my-ship"]


@pytest.mark.parametrize(
    ("code", "seconds", "data"),
    [
        (4214, 90.0 + ARRIVAL_SLACK, lambda at: {"arrival": to_iso(at)}),
        (
            4000,
            90.0 + ARRIVAL_SLACK,
            lambda at: {
                "cooldown": {
                    "shipSymbol": "TEST-1",
                    "totalSeconds": 90,
                    "remainingSeconds": 90,
                    "expiration": to_iso(at),
                }
            },
        ),
        (409, 1.0, lambda _: {}),
    ],
)
def test_a_refusal_that_time_mends_is_waited_out_and_the_request_sent_again(
    surveying: Harbour, code: int, seconds: float, data: Callable[[float], dict[str, Any]]
) -> None:
    surveying.refuse(code, **data(surveying.stage.clock.now + 90.0))
    surveying.stage.run(seconds - 0.01)
    assert surveying.operations == ["orbit-ship"]
    surveying.stage.run(0.02)
    assert surveying.operations == ["orbit-ship", "orbit-ship"]
    surveying.reply(surveying.orbiting())
    assert surveying.operations[2:] == ["create-survey"]


@pytest.mark.parametrize("outcome", [Expired, Overloaded])
def test_what_was_never_sent_is_sent_again_after_a_while(surveying: Harbour, outcome: Any) -> None:
    surveying.tell(outcome(surveying.requests[-1].number))
    surveying.stage.run(TRY_AGAIN - 0.1)
    assert surveying.operations == ["orbit-ship"]
    surveying.stage.run(0.2)
    assert surveying.operations == ["orbit-ship", "orbit-ship"]
    surveying.reply(surveying.orbiting())
    assert surveying.operations[2:] == ["create-survey"]


@pytest.mark.parametrize("outcome", [Expired, Overloaded])
def test_a_reading_that_was_never_sent_is_sent_again(
    surveying: Harbour, outcome: Any, ship: Ship
) -> None:
    surveying.crash()
    surveying.tell(Withdrawn(()))
    surveying.tell(outcome(surveying.requests[-1].number))
    surveying.stage.run(TRY_AGAIN + 0.1)
    assert surveying.operations == ["orbit-ship", "get-my-ship", "get-my-ship"]


def test_a_ship_that_the_server_does_not_know_ends_for_good(surveying: Harbour) -> None:
    surveying.crash()
    surveying.tell(Withdrawn(()))
    surveying.refuse(404, status=404)
    (crash,) = surveying.stage.events.records("actor.crashed", reason="UnknownShip")
    assert "TEST-1" in crash["text"]


def test_another_task_is_taken_up_when_the_request_in_hand_is_answered(
    surveying: Harbour, ship: Ship
) -> None:
    surveying.heard.clear()
    surveying.tell(Assign(PARK))
    assert surveying.heard == []
    surveying.tell(ApiReply(1_000_001, "orbit-ship", surveying.orbiting()))
    assert surveying.requests == []
    assert [row.values["behaviour"] for row in surveying.saves] == ["park"]
    assert surveying.said(Release) == [], "it has asked nobody for anything"
    (working,) = surveying.said(Working)
    assert working.task == PARK
    assert surveying.view().behaviour == "park"


def test_another_task_is_taken_up_at_once_while_the_ship_only_waits(harbour: Harbour) -> None:
    harbour.tell(Assign(PARK))
    harbour.tell(Assign(Park(reason="better")))
    assert harbour.view().doing == "parked: better"
    # The former one's time is over some day, and that means nothing.
    harbour.stage.run(300.0)
    harbour.tell(Assign(Park(reason="best")))
    harbour.stage.run(301.0)
    assert harbour.view().doing == "parked: best"


def test_a_task_that_comes_while_the_ship_reads_itself_replaces_the_saved_one(
    surveying: Harbour, ship: Ship
) -> None:
    surveying.saved = {"task": dump(SurveySite(asteroid=ship.nav.waypoint_symbol))}
    surveying.crash()
    surveying.tell(Withdrawn(()))
    surveying.tell(Assign(PARK))
    surveying.reply(ship)
    assert surveying.view().behaviour == "park"
    assert surveying.saves[-1].values["behaviour"] == "park"


def test_a_task_that_comes_while_the_saved_one_is_looked_for_is_not_overtaken(
    virtual: Any, ship: Ship
) -> None:
    harbour = Harbour(virtual, ship)
    del harbour.answers[Recall]
    harbour.crash()
    harbour.tell(Withdrawn(()))
    harbour.reply(ship)
    harbour.tell(Assign(PARK), Announce())
    assert len(harbour.said(Ready)) == 1
    # The writer's answer is late, so it is asked again.
    harbour.answers[Recall] = lambda _: None
    harbour.stage.run(11.0)
    assert harbour.view().behaviour == "park"
    assert len(harbour.said(Ready)) == 1


def test_who_asks_is_told_whether_the_ship_works(harbour: Harbour, ship: Ship) -> None:
    harbour.tell(Announce())
    assert harbour.said(Ready) == [Ready(ship)] * 2
    harbour.tell(Assign(PARK), Announce())
    assert harbour.said(Working)[-1] == Working(ship, PARK)


def test_an_ended_task_is_struck_out_before_the_conductor_hears_of_it(
    harbour: Harbour, ship: Ship
) -> None:
    harbour.tell(Assign(PARK))
    harbour.stage.run(700.0)
    heard = [message for _, message in harbour.heard]
    struck = Delete("assignments", ("TEST-1",))
    ended = Ready(ship, PARK, "parked")
    assert heard.index(struck) < heard.index(ended)


def test_a_task_is_run_again_when_somebody_who_was_asked_does_not_answer(
    harbour: Harbour, ship: Ship
) -> None:
    def die(_: Any) -> Any:
        harbour.answers[PickSurvey] = lambda _: None
        raise RuntimeError("the pool dies")

    harbour.answers[PickSurvey] = die
    harbour.tell(Assign(MineAndSell(asteroid=ship.nav.waypoint_symbol)))
    harbour.reply(harbour.orbiting())
    assert len(harbour.said(PickSurvey)) == 1, "not at once: who rests would refuse at once"
    harbour.stage.run(PAUSE)
    assert len(harbour.said(PickSurvey)) == 2
    assert harbour.operations == ["orbit-ship", "create-survey"]


def test_a_task_that_kills_again_and_again_is_given_up(virtual: Any, ship: Ship) -> None:
    harbour = Harbour(virtual, ship, ScoutMarkets(waypoints=(ship.nav.waypoint_symbol,)))
    for number in range(1, MOST_DEATHS + 1):
        assert harbour.said(Delete) == []
        harbour.crash()
        harbour.tell(Withdrawn(()))
        harbour.reply(ship)
        assert len(harbour.said(Working)) == min(number + 1, MOST_DEATHS)
    assert harbour.said(Delete) == [Delete("assignments", ("TEST-1",))]
    assert harbour.said(Ready)[-1].outcome == "failed"
    assert harbour.stage.events.records("task.abandoned")


def test_what_left_the_hold_while_nobody_looked_is_struck_from_the_database(
    virtual: Any, ship: Ship, snapshot: Any
) -> None:
    def load(world: Any) -> None:
        next(iter(world.ships.values())).put("IRON_ORE", 5)

    (laden,) = snapshot.altered(load).ships
    harbour = Harbour(virtual, laden)
    assert harbour.said(Upsert)[-1].key == ("TEST-1", "IRON_ORE")
    harbour.crash()
    harbour.tell(Withdrawn(()))
    harbour.reply(ship)
    assert harbour.said(Delete) == [Delete("ship_cargo", ("TEST-1", "IRON_ORE"))]


def test_an_answer_that_changes_nothing_of_the_ship_is_not_written(harbour: Harbour) -> None:
    ships = [row for row in harbour.said(Upsert) if row.table == "ships"]
    assert ships
    harbour.tell(Recalled(None))
    assert [row for row in harbour.said(Upsert) if row.table == "ships"] == ships
