"""Points 27 to 29 of the fidelity list: jumps, gates, what is uncharted; and warps."""

import math

import pytest

from fleet.protocol.clock import from_iso
from fleet.simulator.settings import Rules

S = "ABC-1"


@pytest.fixture
def end(stage, game):
    """Finish the home gate, put the frigate into its orbit, and tell where it leads."""
    stage.finish(stage.gate())
    end = stage.ends()[0]
    if not stage.finished(end):
        stage.finish(end)
    stage.put(S, stage.gate())
    stage.agent().credits = 1_000_000
    return end


def jump(game, to, ship=S):
    return game.act(ship, "jump", {"waypointSymbol": to})


def distance(stage, a, b):
    one, other = (stage.world.systems[at.rpartition("-")[0]] for at in (a, b))
    return math.hypot(one.x - other.x, one.y - other.y)


def test_27_a_jump_is_instant_and_cools_down_by_its_length_seen_by_one(stage, game, end):
    data = jump(game, end).data
    far = math.floor(distance(stage, stage.gate(), end) + 0.5)
    assert data["cooldown"]["totalSeconds"] == math.floor(15 + 0.3 * far + 0.5)
    assert (data["nav"]["waypointSymbol"], data["nav"]["status"]) == (end, "IN_ORBIT")
    route = data["nav"]["route"]
    assert route["departureTime"] == route["arrival"]
    assert route["origin"]["symbol"] == stage.gate()


def test_27_a_jump_buys_one_antimatter_at_the_gate_s_price_official(stage, game, end):
    market = game.get(f"{game.path_of(stage.gate())}/market").data["tradeGoods"]
    price = next(row["purchasePrice"] for row in market if row["symbol"] == "ANTIMATTER")
    data = jump(game, end).data
    bought = data["transaction"]
    assert (bought["tradeSymbol"], bought["type"], bought["units"]) == ("ANTIMATTER", "PURCHASE", 1)
    assert bought["totalPrice"] == price == 1_000_000 - data["agent"]["credits"]
    assert bought["waypointSymbol"] == stage.gate()
    assert stage.ship().cargo == {}


def test_27_a_cooled_ship_may_fly_but_not_jump_again_official(stage, game, end):
    jump(game, end)
    again = jump(game, stage.gate())
    assert again.code == (409, 4000)
    assert again.error["data"]["cooldown"]["shipSymbol"] == S
    system = stage.world.systems[end.rpartition("-")[0]]
    other = next(at for at in system.waypoints if at != end)
    stage.ship().nav.mode = "DRIFT"
    assert game.act(S, "navigate", {"waypointSymbol": other}).status == 200


def test_27_the_old_cooldown_is_a_setting(make_game):
    from fleet.simulator.rules.jumping import jump_cooldown

    assert jump_cooldown(1527, Rules()) == 473
    assert jump_cooldown(0, Rules()) == 15
    assert jump_cooldown(2000, Rules(jump_cooldown="old")) == 2060


def test_28_an_unfinished_origin_is_4256_and_destination_4262_seen_by_one(stage, game, end):
    stage.start_building(end)
    refused = jump(game, end)
    assert refused.code == (400, 4262)
    assert "under construction" in refused.error["message"]
    stage.start_building(stage.gate())
    assert jump(game, end).code == (400, 4256)


def test_28_gates_that_are_not_connected_are_4255_with_those_that_are_seen_by_one(stage, game, end):
    connected = {stage.gate(), *stage.ends()}
    stranger = next(
        gate
        for symbol in game.sim.galaxy.symbols
        for gate in [
            at
            for at in stage.world.systems[symbol].waypoints
            if stage.world.waypoints[at].type == "JUMP_GATE"
        ]
        if gate not in connected
    )
    refused = jump(game, stranger)
    assert refused.code == (400, 4255)
    assert set(refused.error["data"]["connections"]) == set(stage.ends())


def test_28_away_from_a_gate_docked_or_within_the_system_a_jump_is_refused_seen_by_two(
    stage, game, end
):
    assert jump(game, game.role("HQ")).code == (400, 4208)
    assert jump(game, "X1-NONE-A1").code == (404, 404)
    game.act(S, "dock")
    assert jump(game, end).code == (400, 4236)
    stage.put(S, game.role("HQ"))
    assert jump(game, end).code == (400, 4254)


def test_28_a_jump_needs_antimatter_and_credits_official(stage, game, end):
    stage.agent().credits = 10
    assert jump(game, end).code == (400, 4600)
    del stage.world.markets[stage.gate()].goods["ANTIMATTER"]
    assert jump(game, end).code == (400, 4212)
    assert stage.ship().cool_at == 0


def test_29_an_uncharted_gate_or_market_is_closed_to_those_who_are_away_seen_by_two(stage, game):
    for at, what in ((stage.gate(), "jump-gate"), (game.role("FAB_STATION"), "market")):
        stage.world.waypoints[at].chart = None
        refused = game.get(f"{game.path_of(at)}/{what}")
        assert refused.code == (400, 4001)
        assert "is not accessible. Either uncharted" in refused.error["message"]
        stage.put(S, at, docked=True)
        assert game.get(f"{game.path_of(at)}/{what}").status == 200


def test_29_prices_are_hidden_from_those_who_are_away_official(stage, game):
    at = game.role("FAB_STATION")
    away = game.get(f"{game.path_of(at)}/market").data
    assert away["exports"]
    assert "tradeGoods" not in away
    assert "transactions" not in away
    stage.put(S, at)
    assert game.get(f"{game.path_of(at)}/market").data["tradeGoods"]
    assert "tradeGoods" not in game.get(f"{game.path_of(at)}/market", token=None).data


@pytest.fixture
def explorer(stage, game):
    """Give ABC an explorer in orbit, and a waypoint of the nearest other system with some."""
    ship = stage.launch("SHIP_EXPLORER", game.role("HQ"))
    stage.put(ship, game.role("HQ"))
    here = stage.world.systems[stage.home]
    goal = next(
        stage.world.systems[symbol].waypoints[0]
        for symbol in game.sim.galaxy.near(here.x, here.y, 30_000)
        if symbol != here.symbol and stage.world.systems[symbol].waypoints
    )
    # A small galaxy is a wide one: the goal is brought within reach of the drive.
    there = stage.world.systems[goal.rpartition("-")[0]]
    there.x, there.y = here.x + 600, here.y - 800
    stage.ship(ship).fuel_capacity = stage.ship(ship).fuel = 100_000
    return ship, goal


def warp(game, ship, to):
    return game.act(ship, "warp", {"waypointSymbol": to})


@pytest.mark.parametrize(("mode", "factor"), [("CRUISE", 50), ("DRIFT", 300), ("BURN", 25)])
def test_a_warp_takes_the_distance_between_systems_official(stage, game, explorer, mode, factor):
    ship, goal = explorer
    stage.ship(ship).nav.mode = mode
    data = warp(game, ship, goal).data
    far = max(1, math.floor(distance(stage, game.role("HQ"), goal) + 0.5))
    route = data["nav"]["route"]
    took = from_iso(route["arrival"]) - from_iso(route["departureTime"])
    assert round(took) == math.floor(far * factor / 36 + 15 + 0.5)
    fuel = {"CRUISE": far, "DRIFT": 1, "BURN": 2 * far}[mode]
    assert data["fuel"]["consumed"]["amount"] == fuel
    game.clock.advance_to(from_iso(route["arrival"]))
    assert game.get(f"/my/ships/{ship}/nav").data["status"] == "IN_ORBIT"


def test_a_warp_can_be_hastened_on_the_way(stage, game, explorer):
    ship, goal = explorer
    before = warp(game, ship, goal).data["nav"]["route"]["arrival"]
    after = game.patch(f"/my/ships/{ship}/nav", {"flightMode": "BURN"}).data
    assert after["nav"]["route"]["arrival"] < before
    assert after["fuel"]["consumed"]["amount"] > 0


def test_what_keeps_a_ship_from_warping(stage, game, explorer):
    ship, goal = explorer
    assert warp(game, S, goal).code == (400, 4236)
    stage.put(S, game.role("HQ"))
    assert warp(game, S, goal).code == (400, 4241)
    assert warp(game, ship, game.role("ENG_ASTEROID")).code == (400, 4235)
    assert warp(game, ship, "X1-NONE-A1").code == (404, 404)
    stage.ship(ship).fuel = 0
    refused = warp(game, ship, goal)
    assert refused.code in ((400, 4203), (400, 4201))
    assert refused.error["message"].startswith("Warp request failed.")


def test_a_warp_beyond_the_drive_s_range_is_refused(stage, game, explorer):
    ship, _ = explorer
    here = stage.world.systems[stage.home]
    beyond = next(
        stage.world.systems[symbol].waypoints[0]
        for symbol in reversed(game.sim.galaxy.near(here.x, here.y, 30_000))
        if stage.world.systems[symbol].waypoints
    )
    refused = warp(game, ship, beyond)
    assert refused.code == (400, 4201)
    assert refused.error["data"]["range"] == 2000
