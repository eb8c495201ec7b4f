"""Docking, orbiting, flying, fuel and flight modes."""

import math

import pytest

from fleet.protocol.clock import from_iso

SHIP = "ABC-1"


def distance(game, a, b):
    one, other = game.world.waypoints[a], game.world.waypoints[b]
    return math.hypot(one.x - other.x, one.y - other.y)


def test_orbit_and_dock_may_be_repeated(game):
    for action, status in (("orbit", "IN_ORBIT"), ("dock", "DOCKED")):
        for _ in range(2):
            assert game.act(SHIP, action).data["nav"]["status"] == status


def test_navigating_while_docked_is_4236(game):
    to = {"waypointSymbol": game.role("MOON_YARD")}
    refused = game.act(SHIP, "navigate", to)
    assert refused.code == (400, 4236)
    assert refused.error["data"] == {"waypointSymbol": game.role("HQ")}


def test_navigating_to_where_one_is_is_4204(game):
    game.act(SHIP, "orbit")
    refused = game.act(SHIP, "navigate", {"waypointSymbol": game.role("HQ")})
    assert refused.code == (400, 4204)
    assert "located at the destination" in refused.error["message"]


def test_navigating_to_an_unknown_waypoint_is_404(game):
    game.act(SHIP, "orbit")
    here = game.role("HQ").rpartition("-")[0]
    for symbol in (f"{here}-NOPE", "nonsense", "X1-ZZ999-A1"):
        assert game.act(SHIP, "navigate", {"waypointSymbol": symbol}).code == (404, 404)


@pytest.mark.parametrize("mode", ["CRUISE", "BURN", "DRIFT", "STEALTH"])
def test_time_and_fuel_follow_the_formula(game, mode):
    factor, per_unit = {
        "CRUISE": (25, 1),
        "BURN": (12.5, 2),
        "DRIFT": (250, 0),
        "STEALTH": (30, 1),
    }[mode]
    to = game.role("CONSUMER_PLANET")
    far = max(1, round(distance(game, game.role("HQ"), to)))
    game.act(SHIP, "orbit")
    game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": mode})
    data = game.act(SHIP, "navigate", {"waypointSymbol": to}).data
    route = data["nav"]["route"]
    taken = from_iso(route["arrival"]) - from_iso(route["departureTime"])
    assert taken == pytest.approx(math.floor(far * factor / 36 + 15 + 0.5), abs=1e-6)
    assert route["arrival"][-5:] == route["departureTime"][-5:]
    assert data["fuel"]["consumed"]["amount"] == max(1, far * per_unit)
    assert data["fuel"]["current"] == 400 - max(1, far * per_unit)
    assert data["events"] == []


def test_a_ship_in_transit_is_listed_at_its_destination_until_it_arrives(game):
    to = game.role("CONSUMER_PLANET")
    game.act(SHIP, "orbit")
    nav = game.act(SHIP, "navigate", {"waypointSymbol": to}).data["nav"]
    assert (nav["status"], nav["waypointSymbol"]) == ("IN_TRANSIT", to)
    assert nav["route"]["origin"]["symbol"] == game.role("HQ")
    arrival = from_iso(nav["route"]["arrival"])
    game.clock.advance_to(arrival - 0.001)
    assert game.get(f"/my/ships/{SHIP}").data["nav"]["status"] == "IN_TRANSIT"
    game.clock.advance_to(arrival)
    assert game.get(f"/my/ships/{SHIP}/nav").data["status"] == "IN_ORBIT"
    assert game.act(SHIP, "dock").status == 200


ACTIONS = {
    "orbit": None,
    "dock": None,
    "navigate": {"waypointSymbol": "X"},
    "survey": None,
    "extract": None,
    "siphon": None,
    "refuel": None,
    "chart": None,
    "negotiate/contract": None,
    "purchase": {"symbol": "FUEL", "units": 1},
    "sell": {"symbol": "FUEL", "units": 1},
    "jettison": {"symbol": "FUEL", "units": 1},
    "transfer": {"tradeSymbol": "FUEL", "units": 1, "shipSymbol": "ABC-2"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_in_transit_is_4214(game, action):
    game.act(SHIP, "orbit")
    game.act(SHIP, "navigate", {"waypointSymbol": game.role("CONSUMER_PLANET")})
    game.wait(2)
    refused = game.act(SHIP, action, ACTIONS[action])
    assert refused.code == (400, 4214)
    left = game.world.ships[SHIP].nav.arrival - game.clock.now()
    assert refused.error["data"]["secondsToArrival"] == math.ceil(left)
    assert "currently in-transit" in refused.error["message"]


def test_too_little_fuel_is_4203_with_numbers(game):
    game.world.ships[SHIP].fuel = 10
    to = game.role("JUMP_GATE")
    needed = round(distance(game, game.role("HQ"), to))
    game.act(SHIP, "orbit")
    refused = game.act(SHIP, "navigate", {"waypointSymbol": to})
    assert refused.code == (400, 4203)
    assert refused.error["data"] == {
        "shipSymbol": SHIP,
        "fuelRequired": needed,
        "fuelAvailable": 10,
    }
    assert f"requires {needed - 10} more fuel" in refused.error["message"]


@pytest.mark.parametrize("mode", ["CRUISE", "BURN", "DRIFT"])
def test_a_probe_flies_without_fuel(game, mode):
    game.act("ABC-2", "orbit")
    game.patch("/my/ships/ABC-2/nav", {"flightMode": mode})
    data = game.act("ABC-2", "navigate", {"waypointSymbol": game.role("BASE_OUTER")}).data
    assert data["fuel"]["consumed"]["amount"] == 0


def test_the_flight_mode_stays_for_later_trips(game):
    game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": "BURN"})
    game.fly(SHIP, game.role("CONSUMER_PLANET"))
    assert game.get(f"/my/ships/{SHIP}/nav").data["flightMode"] == "BURN"


def test_a_bad_flight_mode_is_invalid(game):
    assert game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": "WARP"}).status == 422


def test_switching_to_a_faster_mode_in_transit_brings_arrival_forward_and_burns_fuel(game):
    to = game.role("CONSUMER_PLANET")
    far = distance(game, game.role("HQ"), to)
    game.act(SHIP, "orbit")
    before = game.act(SHIP, "navigate", {"waypointSymbol": to}).data
    arrival = from_iso(before["nav"]["route"]["arrival"])
    half = (arrival - game.clock.now()) / 2
    game.wait(half)
    after = game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": "BURN"}).data
    left = from_iso(after["nav"]["route"]["arrival"]) - game.clock.now()
    assert left < half
    assert left == pytest.approx(far / 2 * 12.5 / 36, abs=1)
    assert after["fuel"]["current"] < before["fuel"]["current"]
    assert after["nav"]["status"] == "IN_TRANSIT"


def test_slowing_down_in_transit_is_4269(game):
    game.act(SHIP, "orbit")
    game.act(SHIP, "navigate", {"waypointSymbol": game.role("CONSUMER_PLANET")})
    assert game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": "DRIFT"}).code == (400, 4269)
    assert game.patch(f"/my/ships/{SHIP}/nav", {"flightMode": "CRUISE"}).status == 200


def test_ships_of_others_are_not_found(game):
    first = game.token
    game.register("XYZ")
    assert game.get("/my/ships/ABC-1").code == (404, 404)
    assert game.act("ABC-1", "orbit").code == (404, 404)
    game.token = first
    assert game.get("/my/ships/ABC-1").status == 200
