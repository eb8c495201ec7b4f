"""What agents of a scenario start with."""

import json
from collections import Counter

import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.rules.digging import DIGGABLE


@pytest.fixture(params=["made up", "captured"])
def late(request, make_game):
    where = {} if request.param == "made up" else {"universe": request.getfixturevalue("captured")}
    game = make_game(scenario="late", **where)
    game.register()
    return game


def test_late_gives_a_hundred_ships_and_working_capital(late):
    ships = [late.world.ships[symbol] for symbol in late.world.agents["ABC"].ships]
    assert Counter(ship.type for ship in ships) == {
        "SHIP_MINING_DRONE": 40,
        "SHIP_SURVEYOR": 10,
        "SHIP_LIGHT_HAULER": 30,
        "SHIP_PROBE": 20,
    }
    assert late.get("/my/agent").data["credits"] == 2_000_000
    assert late.get("/my/agent").data["shipCount"] == 100
    assert late.get("/my/ships?limit=20&page=5").body["meta"]["total"] == 100


def test_late_miners_can_mine_where_they_are(late):
    agent = late.world.agents["ABC"]
    places = set()
    for symbol in agent.ships:
        ship = late.world.ships[symbol]
        point = late.world.waypoints[ship.nav.waypoint]
        if ship.role == "EXCAVATOR":
            places.add(point.symbol)
            assert late.act(symbol, "extract").status == 201
        elif ship.role == "SURVEYOR":
            assert point.type in DIGGABLE
            assert late.act(symbol, "survey").status == 201
        else:
            assert point.symbol in late.world.markets
            assert not ship.flying(late.clock.now())
    assert len(places) > 3


def test_only_the_first_agent_of_late_gets_the_ships(late):
    assert len(late.register("SECOND")["ships"]) == 2
    assert late.get("/my/agent").data["credits"] == 175_000


def scenario(tmp_path, **fields):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "mine"} | fields))
    return str(path)


def test_a_file_has_the_same_fields_as_the_built_in_ones(make_game, tmp_path):
    squadron = {"type": "SHIP_LIGHT_SHUTTLE", "count": 3, "at": "HEADQUARTERS"}
    path = scenario(
        tmp_path, credits=5, ships=[squadron], agent="chosen", rules={"extractions_per_minute": 99}
    )
    game = make_game(scenario=path)
    assert len(game.register("OTHER")["ships"]) == 2
    data = game.register("CHOSEN")
    assert len(data["ships"]) == 5
    assert data["agent"]["credits"] == 5
    assert game.world.rules.extractions_per_minute == 99


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"credits": -1}, "credits"),
        ({"credits": "many"}, "credits"),
        ({"shipz": []}, "shipz"),
        ({"ships": [{"type": "SHIP_NO", "count": 1, "at": "MARKETS"}]}, "SHIP_NO"),
        ({"ships": [{"type": "SHIP_PROBE", "count": 1, "at": "HELL"}]}, "HELL"),
        ({"rules": {"nonsense": 1}}, "nonsense"),
    ],
)
def test_a_bad_file_is_one_sentence(make_game, tmp_path, fields, said):
    with pytest.raises(SetupError, match=said) as error:
        make_game(scenario=scenario(tmp_path, **fields))
    assert "\n" not in str(error.value)


def test_an_unknown_name_lists_the_known_ones(make_game):
    with pytest.raises(UsageError, match="armada, crowd, late, start"):
        make_game(scenario="lat")
    with pytest.raises(SetupError, match="can't be read"):
        make_game(scenario="/nowhere/x.json")


def test_crowd_brings_a_hundred_agents_whose_tokens_are_handed_out(make_game):
    game = make_game(scenario="crowd")
    tokens = json.loads(game.send("GET", "/sim/tokens").body)["tokens"]
    assert list(tokens) == [f"CROWD-{number}" for number in range(1, 101)]
    assert game.get("/my/agent", token=tokens["CROWD-77"]).data["symbol"] == "CROWD-77"
    homes = {agent.headquarters for agent in game.world.agents.values()}
    assert len(homes) == 1
    assert game.get("/").body["stats"]["ships"] == 200
    game.register("LATER")
    assert "LATER" not in json.loads(game.send("GET", "/sim/tokens").body)["tokens"]


def test_armada_gives_a_thousand_ships_that_can_work_where_they_are(make_game):
    game = make_game(scenario="armada")
    game.register()
    ships = [game.world.ships[symbol] for symbol in game.world.agents["ABC"].ships]
    assert len(ships) == 1000
    for kind, action in (("EXCAVATOR", "extract"), ("SURVEYOR", "survey")):
        ship = next(row for row in ships if row.role == kind and row.type != "SHIP_SIPHON_DRONE")
        assert game.act(ship.symbol, action).status == 201
    siphon = next(row for row in ships if row.type == "SHIP_SIPHON_DRONE")
    assert game.act(siphon.symbol, "siphon").status == 201
