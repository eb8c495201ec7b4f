"""What the bucket does with answers, dying workers and an API that is down."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.answers import MAINTENANCE
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Lane,
    UnknownOutcome,
)
from fleet.protocol.errors import BadToken, ServerReset
from fleet.protocol.rows import Rows
from fleet.runtime import Down
from fleet.supervision.breaker import BreakerSettings

READ, ACT = "get-market", "dock-ship"


# -- answers


def test_a_reply_goes_to_the_sender(world: Any):
    number = world.start().ask(ACT)
    world.run(1)
    assert world.told() == [ApiReply(number, ACT, "data 1")]


def test_a_refusal_is_an_answer(world: Any, act: Any):
    world.acts[ACT] = [act("refusal", code=4214)]
    world.start().ask(ACT)
    world.run(1)
    [refusal] = world.told()
    assert isinstance(refusal, ApiRefusal)
    assert refusal.code == 4214
    assert len(world.sent) == 1


@pytest.mark.parametrize("disposition", ["limited", "unsent"])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_what_was_not_acted_on_is_sent_again_until_it_is_answered(
    world: Any, act: Any, disposition: str, operation: str
):
    world.acts[operation] = [act(disposition)] * 3
    number = world.start().ask(operation)
    world.run(60)
    assert world.numbers_sent() == [number] * 4
    assert [type(outcome) for outcome in world.told()] == [ApiReply]


def test_a_request_that_comes_back_goes_to_its_old_place(world: Any, act: Any):
    world.acts[ACT] = [act("limited")]
    world.start(1)
    numbers = [world.ask(ACT) for _ in range(3)]
    world.run(60)
    assert world.numbers_sent() == [numbers[0], *numbers]


def test_an_unavailable_read_is_given_up_after_some_attempts(world: Any, act: Any):
    world.otherwise = act("unavailable", reason="HTTP 500")
    world.start(attempts=3, breaker=BreakerSettings(failures=100)).ask(READ)
    world.run(60)
    assert len(world.sent) == 3
    assert world.told() == [UnknownOutcome(1, READ, "HTTP 500")]


def test_maintenance_ends_no_request(world: Any, act: Any):
    world.acts[ACT] = [act("unavailable", reason=MAINTENANCE)] * 20
    world.start().ask(ACT)
    world.run(1200)
    assert len(world.sent) == 21
    assert [type(outcome) for outcome in world.told()] == [ApiReply]


def test_a_mutating_request_with_an_unknown_outcome_is_not_sent_again(world: Any, act: Any):
    world.acts[ACT] = [act("unknown", reason="reset")]
    world.start().ask(ACT)
    world.run(60)
    assert world.told() == [UnknownOutcome(1, ACT, "reset")]
    assert len(world.sent) == 1


def test_a_read_with_an_unknown_outcome_is_sent_once_more(world: Any, act: Any):
    world.acts[READ] = [act("unknown")]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [ApiReply]
    assert len(world.sent) == 2


def test_a_read_that_is_lost_twice_is_given_up(world: Any, act: Any):
    world.acts[READ] = [act("unknown"), act("crash")]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [UnknownOutcome]
    assert len(world.sent) == 2


@pytest.mark.parametrize(("code", "failure"), [(4113, ServerReset), (4104, BadToken)])
def test_a_refused_token_ends_the_bucket_for_good(
    world: Any, act: Any, code: int, failure: type[Exception]
):
    world.acts[ACT] = [act("fatal", code=code)]
    parent = world.stage.spawn("/parent")
    world.start(parent=parent.path).ask(ACT)
    world.run(60)
    [down] = [note for note in world.stage.notes.all if isinstance(note, Down)]
    assert down.permanent
    assert failure.__name__ in down.detail
    assert [outcome.code for outcome in world.told()] == [code]
    assert world.stage.events.records("token.refused")


def test_an_operation_that_does_not_exist_is_refused(world: Any):
    world.start().ask("fly-to-the-moon")
    world.run(1)
    [refusal] = world.told()
    assert isinstance(refusal, ApiRefusal)
    assert world.sent == []


def test_whoever_asks_from_outside_gets_the_outcome_too(world: Any):
    world.start()
    world.otherwise = type(world.otherwise)(delay=0.0)
    request = ApiRequest(number=7, operation=READ, lane=Lane.MARKET)
    assert world.call(request) == ApiReply(7, READ, "data 1")


# -- workers


@pytest.mark.parametrize("end", ["crash", "crash at once", "hang"])
def test_a_mutating_request_in_a_dead_worker_has_an_unknown_outcome(world: Any, act: Any, end: str):
    world.acts[ACT] = [act(end)]
    world.start().ask(ACT)
    world.run(60)
    [outcome] = world.told()
    assert isinstance(outcome, UnknownOutcome)
    assert len(world.sent) == 1
    assert world.status.workers == 2


@pytest.mark.parametrize("end", ["crash", "crash at once", "hang"])
def test_a_read_in_a_dead_worker_is_sent_once_more(world: Any, act: Any, end: str):
    world.acts[READ] = [act(end)]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [ApiReply]
    assert len(world.sent) == 2


def test_a_request_whose_worker_died_has_a_row_all_the_same(world: Any, act: Any):
    world.acts[ACT] = [act("crash", delay=1.0)]
    world.start(epoch=3).ask(ACT, ship="A-1")
    world.run(30)
    told = [note for note in world.stage.notes.all if isinstance(note, Rows)]
    [row] = [row for rows in told for row in rows.rows if row.table == "requests"]
    assert row.id.startswith("3-")
    assert (row.values["outcome"], row.values["ship"]) == ("unknown", "A-1")
    assert row.values["duration"] == pytest.approx(1.0)


def test_a_hung_worker_stops_nobody_else(world: Any, act: Any):
    world.acts[ACT] = [act("hang")]
    world.start(2)
    numbers = [world.ask(ACT, by=name) for name in "ABCD"]
    world.run(5)
    assert numbers == [1] * 4
    assert [type(outcome) for _, outcome in world.outcomes] == [ApiReply] * 3


def test_no_worker_ever_has_two_requests(world: Any):
    world.start(3)
    for name in "ABCDEFGHIJ":
        world.ask(ACT, by=name)
    world.run(0.05)
    assert len({path for _, path, _ in world.sent}) == 3 == len(world.sent)
    world.run(10)
    assert len(world.outcomes) == 10


def test_requests_that_hang_leave_the_other_workers_to_the_rest(world: Any, act: Any):
    hung = {f"S{number}" for number in range(4)}
    world.choose = lambda request: act("hang") if request.ship in hung else act()
    world.start(8)
    for number in range(10):
        world.ask(ACT, by=f"first-{number}")
    world.run(5)
    for number in range(4):
        world.ask(ACT, by=f"stuck-{number}", ship=f"S{number}")
    for number in range(10):
        world.ask(ACT, by=f"later-{number}")
    world.run(6)
    told = {path for path, _ in world.outcomes}
    assert told >= {f"/later-{number}" for number in range(10)}
    assert not any("stuck" in path for path in told)


# -- the API is down


def test_while_the_api_is_down_the_lanes_pause_and_nothing_fails(world: Any, act: Any):
    world.otherwise = act("unsent", delay=0.0)
    world.start(2, breaker=BreakerSettings(failures=3, reset=2.0, most=16.0))
    for name in "ABCDEF":
        world.ask(ACT, by=name)
    world.run(60)
    assert world.outcomes == []
    assert 3 + 4 <= len(world.sent) <= 3 + 7
    assert world.status.breaker == "open"
    world.otherwise = act()
    world.run(30)
    assert [type(outcome) for _, outcome in world.outcomes] == [ApiReply] * 6
    assert world.status.breaker == "closed"
    assert world.stage.events.records("breaker.opened")
    assert len(world.stage.events.records("breaker.closed")) == 1


def test_hung_workers_open_the_breaker(world: Any, act: Any):
    world.otherwise = act("hang")
    world.start(2, breaker=BreakerSettings(failures=2))
    for name in "ABCD":
        world.ask(ACT, by=name)
    world.run(21)
    assert world.stage.events.records("breaker.opened")


def test_answers_that_take_too_long_open_the_breaker_though_they_are_good(world: Any, act: Any):
    world.otherwise = act(delay=9.0)
    world.start(6)
    for name in "ABCDEF":
        world.ask(ACT, by=name)
    world.run(15)
    assert [type(outcome) for _, outcome in world.outcomes] == [ApiReply] * 6
    [opened] = world.stage.events.records("breaker.opened")
    assert opened["dependency"].startswith("api/"), "slow is a matter of one group"


def test_answers_that_take_a_while_do_not(world: Any, act: Any):
    world.otherwise = act(delay=7.0)
    world.start(6)
    for _ in range(12):
        world.ask(ACT)
    world.run(60)
    assert len(world.outcomes) == 12
    assert not world.stage.events.records("breaker.opened")


def test_refusals_and_429s_do_not_open_the_breaker(world: Any, act: Any):
    world.acts[ACT] = [act("limited"), act("refusal")] * 10
    world.start(2, breaker=BreakerSettings(failures=2))
    for _ in range(20):
        world.ask(ACT)
    world.run(60)
    assert not world.stage.events.records("breaker.opened")
    assert len(world.outcomes) == 20
