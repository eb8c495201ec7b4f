"""Points 1 to 10 of the fidelity list: tokens and limits."""

import json
import uuid

import pytest

from fleet.protocol.clock import from_iso
from fleet.simulator.tokens import Tokens

STRICT = pytest.mark.parametrize("strict", [False, True])


@STRICT
def test_01_no_token_is_401_4103_with_empty_data_seen_by_two(make_game, strict):
    error = make_game(strict=strict).get("/my/agent").error
    assert (error["code"], error["data"]) == (4103, {})
    assert error["message"].startswith("Missing Bearer token in the request.")
    assert list(error) == ["code", "message", "data", "requestId"]
    assert uuid.UUID(error["requestId"]).version == 7


@STRICT
@pytest.mark.parametrize("token", ["garbage", "a.b.c", "ey.ey.ey", "é"])
def test_02_a_garbage_token_is_401_4104_seen_by_one(make_game, strict, token):
    assert make_game(strict=strict).get("/my/agent", token=token).code == (401, 4104)


@STRICT
def test_03_a_token_of_another_reset_is_401_4113_with_both_dates_seen_by_two(make_game, strict):
    game = make_game(strict=strict)
    old = Tokens(b"another key").issue_agent("ABC", "2024-01-28", 0)
    refused = game.get("/my/agent", token=old)
    assert refused.code == (401, 4113)
    assert refused.error["data"] == {"expected": game.world.reset_date, "actual": "2024-01-28"}
    assert "Token reset_date does not match the server" in refused.error["message"]


@STRICT
def test_04_an_account_token_is_no_agent_token_seen_by_one(make_game, strict):
    game = make_game(strict=strict)
    refused = game.get("/my/agent", token=game.sim.tokens.issue_account("c1", 0))
    assert refused.status == 401
    assert refused.error["data"] == {
        "expectedSubject": "agent-token",
        "receivedSubject": "account-token",
    }


@STRICT
def test_05_an_agent_token_registers_nobody_official(make_game, strict):
    game = make_game(strict=strict)
    body = {"symbol": "ABC", "faction": "COSMIC"}
    account = game.sim.tokens.issue_account("c1", 0)
    token = game.post("/register", body, token=account).data["token"]
    refused = game.post("/register", body | {"symbol": "DEF"}, token=token)
    assert refused.status == 401
    assert "DEF" not in game.world.agents


def test_05_strict_registration_takes_an_account_token_of_this_world(make_game):
    game = make_game(strict=True)
    body = {"symbol": "ABC", "faction": "COSMIC"}
    assert game.post("/register", body, token=None).code == (401, 4116)
    assert game.post("/register", body, token="anything").status == 401
    assert game.world.agents == {}


def test_06_call_signs_are_unique_and_upper_case_official(game):
    taken = {"symbol": "abc", "faction": "COSMIC"}
    assert game.post("/register", taken, token=None).code == (409, 4111)
    made = game.post("/register", {"symbol": "new-one_1", "faction": "COSMIC"}, token=None)
    assert made.data["agent"]["symbol"] == "NEW-ONE_1"
    for symbol in ("AB", "A" * 15, "A B", "", 7):
        refused = game.post("/register", {"symbol": symbol, "faction": "COSMIC"}, token=None)
        assert refused.code == (422, 3001)


@pytest.mark.parametrize("token", [None, "garbage"])
@pytest.mark.parametrize(
    "path", ["/", "/systems", "/factions", "/agents", "/error-codes", "/agents/ABC"]
)
def test_07_public_reads_need_no_token_and_mind_no_bad_one_official(game, path, token):
    assert game.get(path, token=token).status == 200


def test_08_32_quick_calls_pass_then_2_a_second_and_the_burst_after_60_official(make_game):
    game = make_game(limits="live")
    statuses = [game.get("/factions").status for _ in range(34)]
    assert statuses == [200] * 32 + [429] * 2
    game.wait(1)
    assert [game.get("/factions").status for _ in range(3)] == [200, 200, 429]
    game.wait(59)
    assert [game.get("/factions").status for _ in range(33)] == [200] * 32 + [429]


def test_09_headers_are_on_every_answer_and_the_429_is_exact_official(make_game):
    game = make_game(limits="live")
    first = game.get("/factions").headers
    assert first["x-ratelimit-limit-per-second"] == "2"
    assert first["x-ratelimit-limit-burst"] == "30"
    assert first["x-ratelimit-type"] == "IP Address"
    assert "retry-after" not in first
    refused = [game.get("/factions") for _ in range(33)][-1]
    assert refused.body["error"] == {
        "message": "You have reached your API limit.",
        "code": 429,
        "data": {
            "type": "IP Address",
            "retryAfter": 1,
            "limitBurst": 30,
            "limitPerSecond": 2,
            "remaining": 0,
            "reset": refused.headers["x-ratelimit-reset"],
        },
    }
    assert refused.headers["retry-after"] == "1"
    assert 0 < from_iso(refused.headers["x-ratelimit-reset"]) - game.clock.now() <= 1
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


def test_10_address_and_account_have_limits_of_their_own_official(make_game):
    game = make_game(limits="live")
    body = {"symbol": "ABC", "faction": "COSMIC"}
    game.token = game.post("/register", body, token=None, client="10.9.9.9").data["token"]
    assert {game.get("/my/agent").status for _ in range(32)} == {200}
    elsewhere = game.get("/my/agent", client="10.0.0.2")
    assert elsewhere.status == 429
    assert elsewhere.error["data"]["type"] == "Account"
    assert game.get("/factions", token=None, client="10.0.0.2").status == 200
    assert game.get("/factions", token=None).error["data"]["type"] == "IP Address"


def test_10_without_address_limits_agents_on_one_machine_have_their_own(make_game):
    game = make_game(limits="account")
    tokens = []
    for number in range(2):
        body = {"symbol": f"ABC{number}", "faction": "COSMIC"}
        tokens.append(game.post("/register", body, token=None).data["token"])
    game.wait(60)
    for token in tokens:
        assert {game.get("/my/agent", token=token).status for _ in range(32)} == {200}
        assert game.get("/my/agent", token=token).status == 429


def test_46_json_that_is_declared_but_empty_is_3001_where_the_rules_say_so_seen_by_one(make_game):
    from fleet.simulator.settings import Rules

    game = make_game(rules=Rules(empty_json_refused=True))
    game.register()
    head = {"authorization": f"Bearer {game.token}", "content-type": "application/json"}
    refused = game.send("POST", "/v2/my/ships/ABC-1/orbit", b"", head)
    error = json.loads(refused.body)["error"]
    assert (refused.status, error["code"]) == (400, 3001)
    assert "data" not in error
    del head["content-type"]
    assert game.send("POST", "/v2/my/ships/ABC-1/orbit", None, head).status == 200
