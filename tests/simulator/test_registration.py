"""How agents come in, and which tokens are good for what."""

import json
import re

import pytest


def test_register_gives_two_ships_credits_and_one_contract(game, make_game):
    data = make_game().register("new")
    assert data["agent"]["credits"] == 175_000
    assert data["agent"]["symbol"] == "NEW"
    assert data["ship"] == data["ships"][0]
    assert [ship["symbol"] for ship in data["ships"]] == ["NEW-1", "NEW-2"]
    assert [ship["registration"]["role"] for ship in data["ships"]] == ["COMMAND", "SATELLITE"]
    assert data["contract"]["type"] == "PROCUREMENT"
    assert not data["contract"]["accepted"]


def test_the_first_probe_waits_at_a_shipyard(game):
    probe = game.get("/my/ships/ABC-2").data
    assert probe["nav"]["status"] == "DOCKED"
    assert probe["nav"]["waypointSymbol"] in game.world.shipyards


def test_a_taken_symbol_is_refused_in_any_case(game):
    again = game.post("/register", {"symbol": "aBc", "faction": "VOID"}, token=None)
    assert again.code == (409, 4111)


@pytest.mark.parametrize("symbol", ["AB", "A" * 15, "A B", "ÄÖÜ", ""])
def test_a_bad_symbol_is_invalid(make_game, symbol):
    game = make_game()
    refused = game.post("/register", {"symbol": symbol, "faction": "COSMIC"}, token=None)
    assert refused.status == 422
    assert refused.error["data"]["zodIssues"][0]["path"] == ["symbol"]
    assert not game.world.agents


def test_an_unknown_faction_is_invalid(make_game):
    refused = make_game().post("/register", {"symbol": "ABC", "faction": "NOBODY"}, token=None)
    assert refused.status == 422


def test_agents_of_one_bearer_share_an_account(make_game):
    game = make_game()
    for symbol in ("AAA", "BBB"):
        body = {"symbol": symbol, "faction": "COSMIC"}
        assert game.post("/register", body, token="anything").status == 201
    assert len({agent.account for agent in game.world.agents.values()}) == 1


def test_strict_registration_takes_only_account_tokens_of_this_world(make_game):
    game = make_game(strict=True)
    body = {"symbol": "ABC", "faction": "COSMIC"}
    assert game.post("/register", body, token=None).code == (401, 4116)
    assert game.post("/register", body, token="anything").code == (401, 4104)
    good = game.sim.tokens.issue_account("c123", game.clock.now())
    token = game.post("/register", body, token=good).data["token"]
    assert game.get("/my/account", token=token).data["account"]["id"] == "c123"


def test_missing_header_is_4103_with_empty_data_and_a_request_id(game):
    refused = game.get("/my/agent", token=None)
    assert refused.code == (401, 4103)
    assert refused.error["data"] == {}
    uuid7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(uuid7, refused.error["requestId"])
    assert list(refused.error) == ["code", "message", "data", "requestId"]


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "é.é.é", "..", "eyJ9.e30.x"])
def test_garbage_tokens_are_4104(game, token):
    assert game.get("/my/agent", token=token).code == (401, 4104)


def test_an_empty_bearer_is_4100(game):
    answer = game.send("GET", "/v2/my/agent", headers={"authorization": "Bearer "})
    assert json.loads(answer.body)["error"]["code"] == 4100


def test_a_token_of_an_earlier_reset_is_4113_and_tells_both_dates(game):
    old = game.sim.tokens.issue_agent("ABC", "2020-01-01", 0)
    refused = game.get("/my/agent", token=old)
    assert refused.code == (401, 4113)
    assert refused.error["data"] == {"expected": game.world.reset_date, "actual": "2020-01-01"}
    assert "Token reset_date does not match" in refused.error["message"]


def test_an_account_token_is_no_agent_token(game):
    account = game.sim.tokens.issue_account("c1", 0)
    refused = game.get("/my/agent", token=account)
    assert refused.code == (401, 4105)
    assert refused.error["data"]["receivedSubject"] == "account-token"


def test_an_agent_token_does_not_register(game):
    assert game.post("/register", {"symbol": "XYZ", "faction": "COSMIC"}).code == (401, 4105)


def test_a_token_of_an_agent_nobody_knows_is_4107(game):
    ghost = game.sim.tokens.issue_agent("GHOST", game.world.reset_date, 0)
    assert game.get("/my/agent", token=ghost).code == (401, 4107)


def test_public_reads_work_with_a_bad_token(game):
    for path in ("/", "/agents", "/factions", "/systems", "/error-codes"):
        assert game.get(path, token="garbage").status == 200


def test_a_tampered_token_is_refused(game):
    head, payload, signature = game.token.split(".")
    assert game.get("/my/agent", token=f"{head}.{payload}.{signature[:-4]}AAAA").status == 401
