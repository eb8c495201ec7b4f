"""Points 11 to 13 of the fidelity list: lists, the status page, schemas."""

import json

import pytest


@pytest.mark.parametrize("path", ["/systems", "/factions", "/agents", "/my/ships", "/my/contracts"])
def test_11_pages_have_10_by_default_20_at_most_and_end_empty_official(game, path):
    wrongs = ("limit=21", "limit=0", "limit=abc", "page=0", "page=1.5", "limit=-1", "page=")
    for wrong in (*wrongs, f"page={'9' * 5_000}"):
        assert game.get(f"{path}?{wrong}").code == (422, 3001)
    first = game.get(path)
    assert first.body["meta"] == {"total": first.body["meta"]["total"], "page": 1, "limit": 10}
    assert len(first.data) == min(10, first.body["meta"]["total"])
    beyond = game.get(f"{path}?page=999&limit=20")
    assert (beyond.data, beyond.body["meta"]["page"]) == ([], 999)


def test_11_totals_count_what_a_filter_leaves_official(game):
    system = next(iter(game.world.systems))
    path = f"/systems/{system}/waypoints"
    everything = game.get(f"{path}?limit=20").body["meta"]["total"]
    moons = game.get(f"{path}?limit=20&type=MOON")
    assert 0 < moons.body["meta"]["total"] < everything
    assert {row["type"] for row in moons.data} == {"MOON"}
    both = game.get(f"{path}?traits=MARKETPLACE&traits=SHIPYARD").body["meta"]["total"]
    assert 0 < both < game.get(f"{path}?traits=MARKETPLACE").body["meta"]["total"]


@pytest.mark.parametrize(
    "wrong", ["type=PLANETOID", "traits=NICE", "traits=", "traits=MARKETPLACE,"]
)
def test_11_filters_that_mean_nothing_are_422_inferred_from_the_specification(game, wrong):
    system = next(iter(game.world.systems))
    assert game.get(f"/systems/{system}/waypoints?{wrong}").code == (422, 3001)


def test_12_the_status_page_is_bare_and_has_15_leaders_at_most_official(game):
    for number in range(20):
        body = {"symbol": f"RIVAL{number}", "faction": "COSMIC"}
        game.post("/register", body, token=None)
    for path in ("/v2", "/v2/"):
        body = json.loads(game.send("GET", path).body)
        assert "data" not in body
        assert body["version"].startswith("v")
        leaders = body["leaderboards"]["mostCredits"]
        assert len(leaders) == 15
        assert [row["credits"] for row in leaders] == sorted(
            (row["credits"] for row in leaders), reverse=True
        )
        assert body["stats"]["agents"] == 21
        assert body["serverResets"]["frequency"] in ("weekly", "fortnightly")


def test_12_error_codes_are_bare_and_named_official(game):
    codes = game.get("/error-codes").body["errorCodes"]
    names = {row["code"]: row["name"] for row in codes}
    assert names[4000] == "cooldownConflictError"
    assert names[4113] == "tokenResetDateMismatchError"
    assert len(codes) > 100
