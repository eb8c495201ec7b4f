"""Resets: a new universe, and tokens of the old one refused."""

import json

import pytest

from fleet.protocol.clock import from_iso
from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import VirtualClock
from fleet.simulator.genesis import check_same
from fleet.simulator.opening import open_world
from fleet.simulator.rebirth import rebirth
from fleet.simulator.rules.resets import new_reset_date, next_reset_time
from fleet.simulator.settings import Rules, SimSettings

DAY = 86_400


def reset(game, body=None):
    answer = game.send("POST", "/sim/reset", json.dumps(body).encode() if body else None)
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize(
    ("before", "day", "after"),
    [
        ("2026-02-02", 3, "2026-02-05"),
        ("2026-02-02", 0, "2026-02-03"),
        ("2026-02-28", 0, "2026-03-01"),
    ],
)
def test_the_date_of_a_reset_is_new_even_on_the_same_day(before, day, after):
    from datetime import datetime

    now = datetime.fromisoformat(f"{before}T09:00:00+00:00").timestamp() + day * DAY
    assert new_reset_date(before, now) == after


def test_old_tokens_are_refused_with_both_dates(game):
    old = game.world.reset_date
    status, told = reset(game)
    game.wait(30)
    refused = game.get("/my/agent")
    assert (status, refused.code) == (200, (401, 4113))
    assert refused.error["data"] == {"expected": told["resetDate"], "actual": old}
    assert "Token reset_date does not match the server" in refused.error["message"]
    assert game.get("/").body["resetDate"] == told["resetDate"]


def test_everything_is_wiped_but_accounts(game):
    account, seed, systems = (
        game.get("/my/agent").data["accountId"],
        game.world.seed,
        set(game.world.systems),
    )
    reset(game)
    game.wait(30)
    world = game.world
    assert (world.agents, world.ships, world.contracts) == ({}, {}, {})
    assert account in world.accounts
    assert world.seed == seed + 1
    assert set(world.systems) != systems
    assert game.register("ABC")["agent"]["credits"] == 175_000


def test_a_reset_takes_a_moment_of_503(game):
    reset(game)
    assert game.get("/").code == (503, 3200)
    game.wait(30)
    assert game.get("/").status == 200


def test_a_seed_leads_to_that_seed_s_universe(make_game):
    one, two = make_game(seed=9), make_game(seed=4)
    assert reset(two, {"seed": 9})[1]["seed"] == 9
    assert set(one.world.systems) == set(two.world.systems)


@pytest.mark.parametrize("body", [{"seed": -1}, {"seed": 2**63}, {"seed": "x"}, [1]])
def test_a_wrong_order_changes_nothing(game, body):
    before = game.sim.state_hash()
    assert reset(game, body)[0] == 422
    assert game.sim.state_hash() == before


def test_a_scheduled_reset_comes_when_the_status_page_says_so(make_game):
    made = make_game(resets="scheduled", rules=Rules(reset_days=7))
    made.register()
    date = made.world.reset_date
    at = next_reset_time(made.world.created, 7)
    made.clock.advance_to(at - 1)
    assert made.get("/").body["resetDate"] == date
    made.clock.advance_to(at)
    assert made.get("/").code == (503, 3200)
    made.wait(30)
    assert made.get("/").body["resetDate"] > date
    assert made.get("/my/agent").code == (401, 4113)


def test_agents_of_a_scenario_are_there_again(make_game):
    made = make_game(scenario="crowd")
    before = set(made.world.agents)
    assert reset(made)[0] == 200
    assert set(made.world.agents) == before
    assert len(before) == 100


def test_a_universe_that_can_not_be_made_again_goes_on(make_game, captured):
    made = make_game(universe=captured, resets="scheduled", rules=Rules(reset_days=7))
    made.sim._rebirth = rebirth(SimSettings(), made.sim.catalogue)
    assert reset(made)[0] == 422
    made.clock.advance_to(next_reset_time(made.world.created, 7))
    assert made.get("/").status == 200
    made.send("POST", "/sim/faults", b'{"fault": "universe-reset"}')
    request = HttpRequest(method="GET", path="/v2/")
    refused = made.sim.handle(request, "", made.sim.trouble(request))
    assert refused.status == 422
    assert made.get("/").status == 200


def test_without_a_schedule_the_universe_goes_on(game):
    game.wait(60 * DAY)
    assert game.get("/my/agent").status == 200


def test_the_fault_resets_in_the_middle_of_a_run(game):
    game.send("POST", "/sim/faults", b'{"fault": "universe-reset:op=orbit-ship"}')
    head = {"authorization": f"Bearer {game.token}"}

    def call(path):
        request = HttpRequest(method="POST", path=f"/v2{path}", headers=head)
        return game.sim.handle(request, "10.0.0.1", game.sim.trouble(request))

    assert call("/my/ships/ABC-1/dock").status == 200
    assert call("/my/ships/ABC-1/orbit").status == 503
    game.wait(30)
    assert call("/my/ships/ABC-1/dock").status == 401
    assert not game.sim.faults.active


def test_a_kill_after_a_reset_brings_no_old_world_back(tmp_path):
    settings = SimSettings(data_dir=tmp_path / "w", seed=3)
    opened = open_world(settings, VirtualClock)
    opened.simulator.reset(opened.simulator.clock.now())
    state = opened.simulator.state_hash()
    opened.keeper.close()
    again = open_world(settings, VirtualClock)
    assert again.simulator.state_hash() == state
    assert again.simulator.world.seed == 4
    check_same(again.simulator.world, settings, again.simulator.catalogue)
    again.keeper.close()


@pytest.mark.parametrize("days", [0, 13, 20, 400])
def test_the_status_page_always_names_a_reset_to_come(game, days):
    game.wait(days * DAY)
    coming = from_iso(game.get("/").body["serverResets"]["next"])
    assert 0 < coming - game.clock.now() <= 21 * DAY
