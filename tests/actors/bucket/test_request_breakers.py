"""What breaks pauses alone; all else goes on, and a trial holds its worker for a short while."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.request_group import GROUPS, group_of
from fleet.protocol.api import ApiReply, ApiRequest, Lane
from fleet.protocol.endpoints import BY_OPERATION
from fleet.supervision.breaker import BreakerSettings

DEAD, LIVE = "get-market", "dock-ship"
QUICK = BreakerSettings(failures=3, reset=2.0, most=16.0)


def test_every_operation_has_a_group_without_anybodys_name_in_it() -> None:
    assert set(GROUPS) == set(BY_OPERATION)
    assert group_of("get-market") == "systems/waypoints/market"
    assert group_of("extract-resources") == group_of("extract-resources-with-survey")
    assert group_of("dock-ship") != group_of("orbit-ship")
    assert group_of("nobody-knows") == "nobody-knows"
    assert not any("{" in group for group in GROUPS.values())


@pytest.fixture
def halved(world: Any, act: Any) -> Any:
    """An API whose markets are broken, while everything else answers."""
    broken = act("unavailable", reason="HTTP 500", delay=0.2)

    def choose(request: ApiRequest) -> Any:
        return broken if request.operation == DEAD else act(delay=0.2)

    world.choose = choose
    world.start(2, breaker=QUICK, attempts=1_000)
    return world


def test_a_group_that_is_down_pauses_and_the_rest_of_its_lane_goes_on(halved: Any) -> None:
    for name in "ABCDEF":
        halved.ask(DEAD, by=name, lane=Lane.ACTION, params={"waypointSymbol": name})
    halved.run(5)
    for _ in range(20):
        halved.ask(LIVE, by="L")
    halved.run(10)
    assert [type(outcome) for outcome in halved.told("L")] == [ApiReply] * 20
    dead = [request for _, _, request in halved.sent if request.operation == DEAD]
    assert len(dead) <= 3 + 2 + 4, "three failures, what flew beside them, and the trials"
    assert halved.status.breaker == "closed"
    assert list(halved.status.breakers) == ["systems/waypoints/market"]
    [first, *_] = halved.stage.events.records("breaker.opened")
    assert first["dependency"] == "api/systems/waypoints/market"


def test_what_paused_is_sent_when_its_group_answers_again(halved: Any, act: Any) -> None:
    for name in "ABCDEF":
        halved.ask(DEAD, by=name, params={"waypointSymbol": name})
    halved.run(30)
    assert halved.outcomes == []
    halved.choose = lambda _: act()
    halved.run(30)
    assert [type(outcome) for _, outcome in halved.outcomes] == [ApiReply] * 6
    assert halved.status.breakers == {}
    told = [row["event"] for row in halved.stage.events.records() if "breaker." in row["event"]]
    assert told[-2:] == ["breaker.half_opened", "breaker.closed"]
    assert told.count("breaker.closed") == 1


def test_what_expires_while_its_group_is_down_is_told_in_time(halved: Any) -> None:
    for name in "ABC":
        halved.ask(DEAD, by=name, params={"waypointSymbol": name})
    halved.run(3)
    number = halved.ask(DEAD, by="late", expires=5.0, params={"waypointSymbol": "Z"})
    halved.run(6)
    assert [outcome.number for outcome in halved.told("late")] == [number]


def test_only_a_trial_bears_a_short_silence(halved: Any) -> None:
    for name in "ABCDEF":
        halved.ask(DEAD, by=name, params={"waypointSymbol": name})
    halved.ask(LIVE, by="L")
    halved.run(20)
    borne = [(send.request.operation, send.silence) for send in halved.sends]
    assert (LIVE, None) in borne
    assert {silence for _, silence in borne[:3]} == {None}
    assert [silence for operation, silence in borne if operation == DEAD][-1] == 3.0
