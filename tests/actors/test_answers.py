"""Every row of the table of answers in docs/bucket.md."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.answers import MAINTENANCE, read_answer, read_failure
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Lane
from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpResponse
from fleet.protocol.wire.agent import Agent
from fleet.protocol.wire.status import Status

AGENT = {"symbol": "A", "headquarters": "X1-A-A1", "credits": 5}
HTML = b"<html><body>502 Bad Gateway</body></html>"


def request(operation: str = "get-my-agent") -> ApiRequest:
    return ApiRequest(number=3, operation=operation, lane=Lane.ACTION)


def answer(status: int, body: Any = None, operation: str = "get-my-agent", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = HttpResponse(status=status, headers=named, body=raw)
    return read_answer(request(operation), response)


def error(code: int, message: str = "no", **data: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "data": data}}


READ, ACT = "get-my-agent", "orbit-ship"


def test_a_reply_is_decoded():
    found = answer(200, {"data": AGENT})
    assert found.disposition == "reply"
    assert found.outcome == ApiReply(3, READ, Agent(symbol="A", headquarters="X1-A-A1", credits=5))
    assert found.data is None


def test_the_ledger_gets_the_plain_data_of_what_moves_credits():
    contract = {
        "id": "C",
        "type": "PROCUREMENT",
        "terms": {"deadline": "", "payment": {"onAccepted": 7, "onFulfilled": 9}},
        "accepted": True,
        "fulfilled": False,
    }
    data = {"agent": AGENT, "contract": contract}
    assert answer(200, {"data": data}, "accept-contract").data == data


def test_an_empty_answer_where_there_must_be_one_is_none():
    assert answer(204, b"").disposition == "unavailable"
    assert answer(204, b"", ACT).disposition == "unknown"


def test_an_empty_204_is_a_reply():
    found = answer(204, b"", "get-ship-cooldown")
    assert found.outcome == ApiReply(3, "get-ship-cooldown", None)


def test_the_status_page_has_no_envelope():
    found = answer(200, {"status": "up", "version": "v2.3.0"}, "get-status")
    assert found.outcome.data == Status(status="up", version="v2.3.0")


@pytest.mark.parametrize("body", [HTML, b"", {"data": {"symbol": 7}}, {"nothing": 1}, [1]])
@pytest.mark.parametrize(("operation", "disposition"), [(READ, "unavailable"), (ACT, "unknown")])
def test_a_success_that_cannot_be_read(body: Any, operation: str, disposition: str):
    assert answer(200, body, operation).disposition == disposition


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_an_error_of_the_game_is_a_refusal(status: int, operation: str):
    found = answer(status, error(4214, "in transit", secondsToArrival=9), operation)
    assert found.disposition == "refusal"
    assert found.outcome == ApiRefusal(
        3, operation, status, 4214, "in transit", {"secondsToArrival": 9}
    )


def test_a_locked_ship_is_a_refusal():
    assert answer(409, error(409, "locked"), ACT).disposition == "refusal"


@pytest.mark.parametrize("code", [401, 4100, 4103, 4104, 4105, 4109, 4113])
def test_a_refused_token_is_fatal(code: int):
    found = answer(401, error(code, "Token"), ACT)
    assert found.disposition == "fatal"
    assert found.outcome.code == code


def test_a_token_of_the_wrong_kind_for_registering_is_only_a_refusal():
    assert answer(401, error(4116), "register").disposition == "refusal"


@pytest.mark.parametrize("body", [HTML, b"", error(429)])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_a_429_of_any_kind_is_limited(body: Any, operation: str):
    assert answer(429, body, operation).disposition == "limited"


@pytest.mark.parametrize("body", [HTML, error(503), error(3200)])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_maintenance_is_unavailable_and_no_requests_fault(body: Any, operation: str):
    found = answer(503, body, operation)
    assert (found.disposition, found.reason) == ("unavailable", MAINTENANCE)


@pytest.mark.parametrize("status", [500, 502, 504, 520])
@pytest.mark.parametrize(("operation", "disposition"), [(READ, "unavailable"), (ACT, "unknown")])
def test_a_broken_server_may_have_acted(status: int, operation: str, disposition: str):
    found = answer(status, HTML, operation)
    assert found.disposition == disposition
    assert found.reason != MAINTENANCE


@pytest.mark.parametrize("status", [301, 302, 403, 404])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_a_page_that_is_not_the_games_is_tried_again(status: int, operation: str):
    assert answer(status, HTML, operation).disposition == "unavailable"


def test_what_the_server_cannot_show_is_a_refusal_to_a_read_and_unknown_otherwise():
    told = error(3000, "Internal error", shipSymbol="A-1")
    found = answer(500, told, "get-my-ship")
    assert (found.disposition, found.outcome.code) == ("refusal", 3000)
    assert answer(500, told, ACT).disposition == "unknown"
    assert answer(400, told, ACT).disposition == "unknown"


ZOD = {
    "zodIssues": [
        {"code": "invalid_type", "path": ["units"], "message": "Expected number"},
        {"code": "custom", "path": ["deposits", 0, "symbol"], "message": "Unknown"},
    ],
    "originalError": {"name": "ZodError"},
}
FIELDS = {"units": ["Expected number"], "deposits.0.symbol": ["Unknown"]}


@pytest.mark.parametrize(("code", "data"), [(3001, ZOD), (422, FIELDS)])
def test_invalid_input_is_refused_with_the_fields_in_both_styles(code: int, data: Any):
    found = answer(422, {"error": {"code": code, "message": "Invalid.", "data": data}}, ACT)
    assert found.disposition == "refusal"
    said = "Invalid. (units: Expected number; deposits.0.symbol: Unknown)"
    assert found.outcome.message == said
    assert found.outcome.data == data


@pytest.mark.parametrize("data", [None, [], {"zodIssues": 7}, {"zodIssues": [7]}, {"x": []}])
def test_invalid_input_without_readable_fields_is_refused_all_the_same(data: Any):
    found = answer(422, {"error": {"code": 3001, "message": "Invalid.", "data": data}}, ACT)
    assert found.outcome.message.startswith("Invalid.")


def test_the_content_type_does_not_matter_when_the_body_is_json():
    assert answer(200, {"data": AGENT}, content_type="text/html").disposition == "reply"
    assert answer(200, HTML, content_type="application/json").disposition == "unavailable"


def test_retry_after_may_be_an_instant_of_the_servers_clock():
    found = answer(
        503,
        HTML,
        retry_after="Wed, 21 Oct 2026 07:28:30 GMT",
        date="Wed, 21 Oct 2026 07:28:00 GMT",
    )
    assert found.limits.retry_after == 30.0
    for date in ("", "yesterday"):
        found = answer(503, HTML, retry_after="Wed, 21 Oct 2026 07:28:30 GMT", date=date)
        assert found.limits.retry_after is None


def test_a_failure_tells_whether_it_was_sent():
    assert read_failure(TransportError("refused", sent=False)).disposition == "unsent"
    assert read_failure(TransportError("reset", sent=True)).disposition == "unknown"


def test_the_limiters_headers_are_read():
    found = answer(
        200,
        {"data": AGENT},
        x_ratelimit_remaining="1",
        x_ratelimit_reset="2026-07-04T13:00:00.250Z",
    )
    assert found.limits.remaining == 1
    assert found.limits.reset == 1783170000.25
    assert found.limits.retry_after is None


def test_a_429_may_tell_in_its_body_instead():
    told = {"retryAfter": 1, "remaining": 0, "reset": "2026-07-04T13:00:00.250Z"}
    found = answer(429, {"error": {"code": 429, "message": "limit", "data": told}})
    assert found.limits.retry_after == 1.0
    assert found.limits.reset == 1783170000.25
    assert found.limits.remaining == 0


def test_headers_that_make_no_sense_are_left_out():
    found = answer(
        429, b"", x_ratelimit_remaining="many", x_ratelimit_reset="soon", retry_after="-1"
    )
    assert found.limits == type(found.limits)()


@given(
    status=st.integers(100, 599),
    body=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["data", "error", "code", "message", "symbol"]), inner
                )
            ),
            max_leaves=8,
        ).map(msgspec.json.encode),
    ),
    operation=st.sampled_from([row.operation for row in ENDPOINTS]),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining"]),
        st.text(max_size=8),
    ),
)
def test_whatever_comes_back_has_one_meaning(
    status: int, body: bytes, operation: str, headers: dict[str, str]
):
    response = HttpResponse(status=status, headers=headers, body=body)
    found = read_answer(request(operation), response)
    ended = found.disposition in ("reply", "refusal", "fatal")
    assert ended == (found.outcome is not None)
    if found.disposition == "unknown":
        assert request(operation).mutating
    assert found.disposition != "unsent"
