"""Systems that are made when somebody looks, and kept when somebody has changed them."""

import json
import math

import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import open_world
from fleet.simulator.settings import SimSettings
from fleet.simulator.universe.galaxy import MOST_FRESH
from fleet.simulator.universe.stars import GATED

SIZE = 360
GATED_STAR = b'{"symbol": "X1-A1", "type": "RED_STAR", "x": 1, "y": 2, "has_gate": true}'
LOST_EDGE = b'{"systems": [%s], "edges": [["X1-A1", "X1-B1"]]}' % GATED_STAR


@pytest.fixture
def wide(make_game):
    """A game in a galaxy of its own."""
    game = make_game(systems=SIZE)
    game.register()
    return game


def walk(game):
    """List every system of the galaxy, as a crawler does."""
    answers = (
        game.send("GET", f"/v2/systems?limit=20&page={page}") for page in range(1, SIZE // 20 + 1)
    )
    return [row for answer in answers for row in json.loads(answer.body)["data"]]


def test_waypoints_are_counted_in_idle_moments_and_are_as_many_as_are_listed(wide):
    galaxy = wide.sim.galaxy
    for _ in range(SIZE):
        galaxy.look_around()
    counted = galaxy.count_waypoints()
    assert counted == sum(len(row["waypoints"]) for row in walk(wide))
    assert counted == json.loads(wide.send("GET", "/v2/").body)["stats"]["waypoints"]


def test_every_system_can_be_listed_and_looks_the_same_each_time(wide):
    first = walk(wide)
    assert len(first) == len({row["symbol"] for row in first}) == SIZE
    assert walk(wide) == first


def test_looking_at_everything_changes_nothing_and_is_forgotten(wide):
    before = wide.sim.state_hash()
    walk(wide)
    assert len(wide.world.systems) <= MOST_FRESH + 21
    assert wide.sim.state_hash() == before


def test_the_status_counts_what_nobody_has_looked_at(wide):
    told = wide.get("/").body["stats"]
    found = walk(wide)
    assert told["systems"] == SIZE
    assert told["waypoints"] == sum(len(row["waypoints"]) for row in found)


def test_systems_are_what_real_ones_are(wide):
    sizes = []
    for row in walk(wide):
        kinds = [point["type"] for point in row["waypoints"]]
        assert kinds.count("JUMP_GATE") == (1 if kinds else 0)
        assert len({point["symbol"] for point in row["waypoints"]}) == len(kinds)
        if kinds:
            assert row["type"] in GATED
            sizes.append(len(kinds))
    assert SIZE * 0.3 < len(sizes) < SIZE * 0.6
    assert 40 < sum(sizes) / len(sizes) < 60
    assert 12 <= min(sizes) <= max(sizes) <= 110


def test_all_gates_are_connected_both_ways_and_in_one_net(wide):
    lanes, stars = wide.sim.galaxy.atlas.lanes, wide.sim.galaxy.atlas.stars
    assert all(symbol in lanes[end] for symbol, ends in lanes.items() for end in ends)
    reached, ahead = set(), [next(iter(lanes))]
    while ahead:
        symbol = ahead.pop()
        if symbol not in reached:
            reached.add(symbol)
            ahead += lanes[symbol]
    assert reached == {star.symbol for star in stars.values() if star.gate}


def gate_of(game, system):
    points = game.world.systems[system].waypoints
    return next(at for at in points if game.world.waypoints[at].type == "JUMP_GATE")


def test_a_gate_names_gates_that_exist(wide):
    home = gate_of(wide, wide.world.agents["ABC"].headquarters.rpartition("-")[0])
    shown = wide.get(f"{wide.path_of(home)}/jump-gate").data["connections"]
    assert shown
    for end in shown:
        assert wide.get(wide.path_of(end)).data["type"] == "JUMP_GATE"
        assert gate_of(wide, end.rpartition("-")[0]) == end


def test_every_faction_has_a_start_of_its_own(wide):
    factions = wide.get("/factions?limit=20").data
    homes = {row["symbol"]: row["headquarters"] for row in factions}
    assert len(set(homes.values())) == len(homes) == 19
    for number, faction in enumerate(list(homes)[:4]):
        agent = wide.register(f"AGENT{number}", faction)["agent"]
        assert agent["headquarters"].startswith(f"{homes[faction]}-")
        assert len(wide.get(f"/systems/{homes[faction]}").data["waypoints"]) > 80


def wild(game):
    """Find a wild system with a market."""
    atlas = game.sim.galaxy.atlas
    for symbol, star in atlas.stars.items():
        if star.gate and symbol not in atlas.home_factions and atlas.faction(symbol) is None:
            points = [game.world.waypoints[at] for at in game.world.systems[symbol].waypoints]
            if market := next((row for row in points if "MARKETPLACE" in row.traits), None):
                return symbol, market.symbol
    raise AssertionError("no wild market")


def test_wild_systems_are_uncharted(wide):
    system, market = wild(wide)
    assert {row["symbol"] for row in wide.get(wide.path_of(market)).data["traits"]} == {"UNCHARTED"}
    assert wide.get(f"{wide.path_of(market)}/market").code == (400, 4001)
    found = wide.get(f"/systems/{system}/waypoints?traits=MARKETPLACE&limit=20").data
    assert market in [row["symbol"] for row in found]


def test_what_was_changed_is_kept_when_the_rest_is_forgotten(wide):
    _, market = wild(wide)
    wide.world.ships["ABC-1"].nav.waypoint = market
    wide.act("ABC-1", "chart")
    digest = wide.sim.state_hash()
    walk(wide)
    assert wide.get(wide.path_of(market)).data["chart"]["submittedBy"] == "ABC"
    assert wide.sim.state_hash() == digest


def test_a_resumed_galaxy_is_the_same(tmp_path):
    settings = SimSettings(data_dir=tmp_path, systems=SIZE, limits="off")
    opened = open_world(settings, VirtualClock)
    galaxy = opened.simulator.galaxy
    shown = {symbol: list(galaxy._world.systems[symbol].waypoints) for symbol in galaxy.symbols[:9]}
    digest = opened.simulator.state_hash()
    opened.save()
    opened.keeper.close()
    again = open_world(SimSettings(data_dir=tmp_path), VirtualClock)
    assert again.simulator.state_hash() == digest
    world = again.simulator.world
    assert {symbol: world.systems[symbol].waypoints for symbol in shown} == shown
    again.keeper.close()
    with pytest.raises(UsageError, match="--systems"):
        open_world(settings.__class__(data_dir=tmp_path, systems=5), VirtualClock)


def test_a_captured_galaxy_has_its_own_stars_and_lanes(make_game, shared):
    game = make_game(universe=shared / "real/galaxy_2026-07-04.json")
    game.register()
    atlas = game.sim.galaxy.atlas
    assert len(atlas.stars) == 6996
    assert sum(len(ends) for ends in atlas.lanes.values()) == 2 * 6827
    shown = game.get("/systems/X1-QZ88").data
    gate = next(row["symbol"] for row in shown["waypoints"] if row["type"] == "JUMP_GATE")
    ends = [end.rpartition("-")[0] for end in game.sim.world.gates[gate].connections]
    assert {"X1-JH94", "X1-TB53", "X1-ZV60", "X1-SR62"} <= set(ends)
    assert game.get("/systems/X1-T37").data["waypoints"] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"systems": [], "edges": []}', "no system with a gate"),
        (LOST_EDGE, "edge to X1-B1"),
        (b'{"systems": 5, "edges": []}', "not a captured system"),
    ],
)
def test_a_broken_galaxy_is_one_sentence(make_game, tmp_path, content, said):
    path = tmp_path / "galaxy.json"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=said):
        make_game(universe=path)


def test_distances_and_degrees_are_those_of_the_real_galaxy(make_game):
    galaxy = make_game(systems=7000).sim.galaxy
    stars, lanes = galaxy.atlas.stars, galaxy.atlas.lanes
    assert 2900 < len(lanes) < 3300
    degrees = [len(ends) for ends in lanes.values()]
    assert 3.5 < sum(degrees) / len(degrees) < 5.0
    lengths = sorted(
        math.dist((stars[a].x, stars[a].y), (stars[b].x, stars[b].y))
        for a, ends in lanes.items()
        for b in ends
    )
    assert 1000 < lengths[len(lengths) // 2] < 1500
    assert 140_000 < galaxy.count_waypoints() < 170_000
