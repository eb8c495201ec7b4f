from __future__ import annotations

from typing import Any

import pytest

from fleet.host.api_desk import BEHAVIOUR, ApiDesk
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
)
from fleet.protocol.errors import FleetError, UsageError
from fleet.protocol.fleet import BUCKET


class Counter:
    """A desk before a bucket that answers as it is told to."""

    def __init__(self, stage: Any, outcome: Any) -> None:
        self.asked: list[ApiRequest] = []

        def receive(ctx: Any, message: ApiRequest) -> None:
            self.asked.append(message)
            ctx.reply(outcome)

        stage.spawn(BUCKET, receive=receive)
        self.desk = ApiDesk(stage.system, "http://there", stage.clock, ("FIRST", "SECOND"))


SHIP = {"operation": "get-my-ship", "params": {"shipSymbol": "A-1"}}


def test_it_tells_which_api_is_played(threads: Any):
    assert Counter(threads, None).desk.answer({}) == {"plays": "http://there"}


def test_a_request_goes_to_the_bucket_like_everybodys(threads: Any):
    counter = Counter(threads, ApiReply(0, "get-my-ship", {"symbol": "A-1"}))
    assert counter.desk.answer(SHIP) == {"data": {"symbol": "A-1"}}
    [request] = counter.asked
    assert (request.lane, request.raw, request.ship) == (Lane.ACTION, True, "A-1")
    assert (request.behaviour, request.agent) == (BEHAVIOUR, "")


@pytest.mark.parametrize(("named", "agent"), [("FIRST", ""), ("SECOND", "SECOND")])
def test_it_acts_for_the_agent_that_is_named(threads: Any, named: str, agent: str):
    counter = Counter(threads, ApiReply(0, "get-my-ship", None))
    counter.desk.answer({**SHIP, "agent": named})
    assert counter.asked[0].agent == agent


def test_a_refusal_is_handed_on(threads: Any):
    refusal = ApiRefusal(0, "get-my-ship", 404, 404, "no ship", {"x": 1})
    told = Counter(threads, refusal).desk.answer(SHIP)
    assert told == {"refused": {"status": 404, "code": 404, "message": "no ship", "data": {"x": 1}}}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Overloaded(0), "The bucket is full"),
        (Expired(0), "did not get its turn"),
        (UnknownOutcome(0, "get-my-ship", "reset"), r"is not known \(reset\); look before"),
    ],
)
def test_what_brought_no_answer_is_a_sentence(threads: Any, outcome: Any, said: str):
    with pytest.raises(FleetError, match=said):
        Counter(threads, outcome).desk.answer(SHIP)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"operation": "fly"}, "There is no operation 'fly'"),
        ({"operation": 7}, "That is no operation of the API"),
        ({"operation": "get-my-ship"}, "get-my-ship needs shipSymbol"),
        ({"operation": "get-my-ship", "params": {"shipSymbol": ""}}, "needs shipSymbol"),
        ({"operation": "get-my-ship", "params": {"shipSymbol": 7}}, "That is no operation"),
        ({"operation": "get-my-ships", "query": [["page"]]}, "That is no operation"),
        ({"operation": "sell-cargo", "body": "all"}, "That is no operation"),
        ({"operation": "register"}, "wants the token of an account"),
        ({**SHIP, "agent": "THIRD"}, "This fleet plays FIRST, SECOND, not THIRD"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    threads: Any, arguments: Any, said: str
):
    counter = Counter(threads, None)
    with pytest.raises(UsageError, match=said):
        counter.desk.answer(arguments)
    assert counter.asked == []


def test_a_bucket_that_does_not_answer_is_a_sentence(threads: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fleet.host.api_desk.PATIENCE", 0.05)
    threads.spawn(BUCKET, receive=lambda *_: None)
    desk = ApiDesk(threads.system, "http://there", threads.clock, ("FIRST",))
    with pytest.raises(FleetError, match="waits in the bucket still"):
        desk.answer(SHIP)
