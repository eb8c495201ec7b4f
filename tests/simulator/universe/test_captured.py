"""A captured real system."""

import json

import pytest

from fleet.protocol.errors import SetupError
from fleet.simulator.universe.captured import read_captured


@pytest.fixture
def real(make_game, captured):
    game = make_game(universe=captured)
    game.register("ABC", "LORDS")
    return game


def seen_pairs(captured):
    for market in json.loads(captured.read_text())["marketplaces"]:
        for row in market["tradeGoods"]:
            yield market["symbol"], row


def test_the_captured_prices_are_reproduced(real, captured):
    exact = total = 0
    for waypoint, seen in seen_pairs(captured):
        probe = real.world.ships["ABC-2"].nav
        probe.waypoint = probe.origin = waypoint
        shown = real.get(f"{real.path_of(waypoint)}/market").data["tradeGoods"]
        row = next(row for row in shown if row["symbol"] == seen["symbol"])
        for field in ("purchasePrice", "sellPrice"):
            assert row[field] == pytest.approx(seen[field], rel=0.001, abs=1)
        assert (row["type"], row["tradeVolume"]) == (seen["type"], seen["tradeVolume"])
        exact += all(row[key] == seen[key] for key in ("purchasePrice", "sellPrice"))
        total += 1
    assert total > 140
    assert exact / total > 0.95


def test_most_supply_and_activity_labels_agree(real, captured):
    good = total = 0
    for waypoint, seen in seen_pairs(captured):
        probe = real.world.ships["ABC-2"].nav
        probe.waypoint = probe.origin = waypoint
        shown = real.get(f"{real.path_of(waypoint)}/market").data["tradeGoods"]
        row = next(row for row in shown if row["symbol"] == seen["symbol"])
        good += row["supply"] == seen["supply"]
        total += 1
        restricted = seen.get("activity") == "RESTRICTED"
        if row["supply"] == seen["supply"] and restricted:
            assert row["type"] != "EXCHANGE"
    assert good / total > 0.9


def test_agents_start_where_the_captor_did(real):
    assert real.get("/my/agent").data["headquarters"] == "X1-AD75-A1"
    assert real.get("/my/ships/ABC-2").data["nav"]["waypointSymbol"] == "X1-AD75-H52"


def test_everything_captured_is_there(real, captured):
    document = json.loads(captured.read_text())
    assert len(real.world.waypoints) == len(document["waypoints"])
    for waypoint in real.world.waypoints:
        assert real.get(real.path_of(waypoint)).status == 200
    gate = real.path_of("X1-AD75-I55")
    assert len(real.get(f"{gate}/jump-gate").data["connections"]) == 5
    assert not real.get(f"{gate}/construction").data["isComplete"]
    real.act("ABC-1", "orbit")
    assert real.act("ABC-1", "navigate", {"waypointSymbol": "X1-AD75-XD5A"}).status == 200


def minimal():
    return {
        "systems": [{"symbol": "X1-A1", "sectorSymbol": "X1", "type": "RED_STAR", "x": 0, "y": 0}],
        "waypoints": [
            {"symbol": "X1-A1-A1", "type": "PLANET", "x": 0, "y": 0, "traits": [], "orbitals": []}
        ],
        "marketplaces": [],
        "shipyards": [],
        "agent": {"headquarters": "X1-A1-A1", "startingFaction": "VOID"},
    }


def market_of(symbol="FUEL", waypoint="X1-A1-A1"):
    good = {
        "symbol": symbol,
        "type": "IMPORT",
        "tradeVolume": 60,
        "supply": "MODERATE",
        "purchasePrice": 160,
        "sellPrice": 76,
    }
    return {"symbol": waypoint, "tradeGoods": [good]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "can't be read"),
        (b"{", "is not a captured system"),
        (b"\xff\xfe", "is not a captured system"),
        ({"waypoints": None}, "is not a captured system"),
        ({"systems": []}, "has no system"),
        ({"marketplaces": [market_of(waypoint="X1-A1-B2")]}, "no such waypoint"),
        ({"marketplaces": [market_of(symbol="CHEESE")]}, "CHEESE"),
        ({"marketplaces": []}, "imports"),
    ],
)
def test_a_broken_file_is_one_sentence(make_game, tmp_path, change, said):
    path = tmp_path / "captured.json"
    if isinstance(change, bytes):
        path.write_bytes(change)
    elif change is not None:
        path.write_text(json.dumps(minimal() | change))
    with pytest.raises(SetupError, match=said) as error:
        make_game(universe=path)
    assert "\n" not in str(error.value)


def test_the_smallest_file_is_enough(make_game, tmp_path):
    path = tmp_path / "captured.json"
    path.write_text(json.dumps(minimal() | {"marketplaces": [market_of()]}))
    assert read_captured(path)[0].agent.headquarters == "X1-A1-A1"
    assert make_game(universe=path).register("ABC", "VOID")["agent"]["headquarters"] == "X1-A1-A1"
