from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.api.call import Answered, Refused
from fleet.api.http_door import TRIES, HttpDoor
from fleet.api.pages import all_pages
from fleet.api.words import read_words
from fleet.credentials import Token
from fleet.protocol.errors import SetupError, TransportError, UsageError
from fleet.protocol.transport import HttpRequest, HttpResponse

AGENT = {"symbol": "A", "headquarters": "X1-A-A1", "credits": 5, "new": [1]}
TAKEN = HttpResponse(status=200, body=msgspec.json.encode({"data": AGENT}))
LIMITED = HttpResponse(status=429, headers={"retry-after": "3"}, body=b"<html>")


class Script:
    """A transport that answers what it is told to."""

    def __init__(self, *answers: HttpResponse | TransportError) -> None:
        self.answers = list(answers)
        self.seen: list[HttpRequest] = []
        self.pauses: list[float] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.seen.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, TransportError):
            raise answer
        return answer

    def cancel(self) -> None:
        pass

    def door(self, token: Token | None = None) -> HttpDoor:
        return HttpDoor(self, lambda: token, "http://test", pause=self.pauses.append)


OURS = Token("secret", "agent")


def test_an_answer_comes_as_the_plain_json_that_the_server_sent():
    script = Script(TAKEN)
    assert script.door(OURS).send(read_words(["get-my-agent"])) == Answered(AGENT)
    assert script.seen[0].headers["authorization"] == "Bearer secret"


def test_what_everybody_may_read_is_asked_for_without_a_token():
    script = Script(HttpResponse(status=200, body=b'{"status":"up","version":"v2"}'))
    said = script.door(OURS).send(read_words(["read", "status"]))
    assert said == Answered({"status": "up", "version": "v2"})
    assert "authorization" not in script.seen[0].headers


@pytest.mark.parametrize("token", [None, Token("secret", "account")])
def test_without_the_token_it_says_where_to_put_one(token: Token | None):
    with pytest.raises(SetupError, match="wants the token of an agent; put it into"):
        Script().door(token).send(read_words(["get-my-agent"]))


def test_a_refusal_is_a_value():
    error = {"error": {"code": 4214, "message": "in transit", "data": {"secondsToArrival": 9}}}
    script = Script(HttpResponse(status=400, body=msgspec.json.encode(error)))
    said = script.door(OURS).send(read_words(["dock-ship", "A-1"]))
    assert said == Refused(400, 4214, "in transit", {"secondsToArrival": 9})


def test_what_was_not_acted_on_is_tried_again_after_the_time_that_the_server_names():
    script = Script(LIMITED, TransportError("refused", sent=False), TAKEN)
    assert script.door(OURS).send(read_words(["get-my-agent"])) == Answered(AGENT)
    assert script.pauses == [3.0, 0.5]


def test_it_gives_up_in_the_end():
    script = Script(*[LIMITED] * TRIES)
    with pytest.raises(SetupError, match=r"http://test does not answer dock-ship \(429\)"):
        script.door(OURS).send(read_words(["dock-ship", "A-1"]))
    assert len(script.seen) == TRIES


@pytest.mark.parametrize(
    "broken", [TransportError("reset", sent=True), HttpResponse(status=500, body=b"<html>")]
)
def test_nothing_that_changes_something_is_sent_twice_blindly(broken: Any):
    script = Script(broken, TAKEN)
    with pytest.raises(SetupError, match="whether it was done is not known"):
        script.door(OURS).send(read_words(["dock-ship", "A-1"]))
    assert len(script.seen) == 1


def pages(*counts: int) -> list[HttpResponse]:
    made, number = [], 0
    for count in counts:
        shown = [{**AGENT, "symbol": f"A{number + n}"} for n in range(count)]
        number += count
        made.append(HttpResponse(status=200, body=msgspec.json.encode({"data": shown})))
    return made


@pytest.mark.parametrize("counts", [(3,), (20, 0), (20, 20, 5)])
def test_all_pages_are_read_until_one_is_not_full(counts: tuple[int, ...]):
    script = Script(*pages(*counts))
    said = all_pages(script.door(), read_words(["read", "agent"]))
    assert isinstance(said, Answered)
    assert [row["symbol"] for row in said.data] == [f"A{n}" for n in range(sum(counts))]
    asked = [dict(request.query) for request in script.seen]
    assert asked == [{"page": str(n + 1), "limit": "20"} for n in range(len(counts))]


def test_one_page_of_all_pages_makes_no_sense():
    with pytest.raises(UsageError, match="--all reads all pages; leave page and limit out"):
        all_pages(Script().door(), read_words(["read", "agent", "page=2", "limit=3"]))


def test_what_has_no_pages_says_so():
    with pytest.raises(UsageError, match="get-my-agent has no pages"):
        all_pages(Script().door(), read_words(["get-my-agent"]))
