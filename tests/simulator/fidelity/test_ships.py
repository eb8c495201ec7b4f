"""Points 14 to 26 of the fidelity list: registration, navigation, fuel."""

import pytest

from fleet.protocol.clock import from_iso

S = "ABC-1"


def speed_36(stage):
    assert stage.game.sim.catalogue.parts[stage.ship().engine.symbol].speed == 36


def test_14_registration_gives_two_ships_a_contract_and_175000_official(game):
    body = {"symbol": "FRESH", "faction": "COSMIC"}
    data = game.post("/register", body, token=None).data
    assert data["agent"]["credits"] == 175_000
    assert data["contract"]["type"] == "PROCUREMENT"
    assert [row["registration"]["role"] for row in data["ships"]] == ["COMMAND", "SATELLITE"]
    assert data["ship"] == data["ships"][0]
    assert data["agent"]["shipCount"] == 2
    assert data["token"].count(".") == 2


def test_15_ship_symbols_count_in_upper_case_hex_seen_by_two(stage, game):
    symbols = [stage.launch("SHIP_PROBE", game.role("HQ")) for _ in range(15)]
    assert symbols[6:8] == ["ABC-9", "ABC-A"]
    assert symbols[-2:] == ["ABC-10", "ABC-11"]


def test_16_orbit_and_dock_may_be_repeated_official(stage, game):
    for action, status in (("orbit", "IN_ORBIT"), ("dock", "DOCKED")):
        for _ in range(2):
            assert game.act(S, action).data["nav"]["status"] == status


def test_17_a_docked_ship_can_not_navigate_seen_by_two(stage, game):
    game.act(S, "dock")
    refused = game.act(S, "navigate", {"waypointSymbol": game.role("ENG_ASTEROID")})
    assert refused.code == (400, 4236)
    assert refused.error["data"] == {"waypointSymbol": stage.ship().nav.waypoint}
    assert "Ship is not currently in orbit at" in refused.error["message"]


def test_18_where_a_ship_can_not_navigate_to_seen_by_two(stage, game):
    game.act(S, "orbit")
    here = stage.ship().nav.waypoint
    same = game.act(S, "navigate", {"waypointSymbol": here})
    assert same.code == (400, 4204)
    assert same.error["data"] == {"shipSymbol": S, "destinationSymbol": here}
    other = game.act(S, "navigate", {"waypointSymbol": stage.ends()[0]})
    assert other.code == (400, 4202)
    assert "is outside the" in other.error["message"]
    for nowhere in ("X1-NOWHERE-A1", f"{here}9"):
        assert game.act(S, "navigate", {"waypointSymbol": nowhere}).code == (404, 404)


@pytest.mark.parametrize(
    ("mode", "d0", "d117"),
    [("CRUISE", 16, 96), ("BURN", 15, 56), ("DRIFT", 22, 828), ("STEALTH", 16, 113)],
)
def test_19_travel_times_are_the_official_table(stage, game, mode, d0, d117):
    speed_36(stage)
    at = game.role("HQ")
    stage.put(S, at, mode=mode)
    for far, seconds in ((0, d0), (117, d117)):
        stage.put(S, at, mode=mode)
        stage.ship().fuel = 400
        nav = game.act(S, "navigate", {"waypointSymbol": stage.beside(at, far)}).data["nav"]
        route = nav["route"]
        took = from_iso(route["arrival"]) - from_iso(route["departureTime"])
        assert round(took, 3) == seconds


def test_20_a_flight_takes_whole_seconds_seen_by_two(stage, game):
    game.wait(0.456)
    game.act(S, "orbit")
    nav = game.act(S, "navigate", {"waypointSymbol": game.role("ENG_ASTEROID")}).data["nav"]
    departure, arrival = nav["route"]["departureTime"], nav["route"]["arrival"]
    assert departure[-5:] == arrival[-5:]


def test_21_a_ship_is_listed_at_its_destination_and_arrives_to_the_instant_seen_by_two(stage, game):
    goal = game.role("ENG_ASTEROID")
    game.act(S, "orbit")
    nav = game.act(S, "navigate", {"waypointSymbol": goal}).data["nav"]
    assert (nav["waypointSymbol"], nav["status"]) == (goal, "IN_TRANSIT")
    arrival = from_iso(nav["route"]["arrival"])
    game.clock.advance_to(arrival - 0.001)
    assert game.get(f"/my/ships/{S}/nav").data["status"] == "IN_TRANSIT"
    assert game.act(S, "dock").code == (400, 4214)
    game.clock.advance_to(arrival)
    assert game.get(f"/my/ships/{S}/nav").data["status"] == "IN_ORBIT"
    assert game.act(S, "dock").status == 200


COMMANDS = [
    ("orbit", None),
    ("dock", None),
    ("navigate", {"waypointSymbol": "X1-A1-A1"}),
    ("warp", {"waypointSymbol": "X1-A1-A1"}),
    ("jump", {"waypointSymbol": "X1-A1-A1"}),
    ("survey", None),
    ("extract", None),
    ("siphon", None),
    ("refine", {"produce": "IRON"}),
    ("chart", None),
    ("scan/ships", None),
    ("scan/systems", None),
    ("scan/waypoints", None),
    ("jettison", {"symbol": "IRON_ORE", "units": 1}),
    ("transfer", {"tradeSymbol": "IRON_ORE", "units": 1, "shipSymbol": "ABC-2"}),
    ("refuel", None),
    ("purchase", {"symbol": "IRON_ORE", "units": 1}),
    ("sell", {"symbol": "IRON_ORE", "units": 1}),
    ("mounts/install", {"symbol": "MOUNT_TURRET_I"}),
    ("mounts/remove", {"symbol": "MOUNT_TURRET_I"}),
    ("modules/install", {"symbol": "MODULE_CARGO_HOLD_I"}),
    ("modules/remove", {"symbol": "MODULE_CARGO_HOLD_I"}),
    ("negotiate/contract", None),
    ("repair", None),
    ("scrap", None),
]


@pytest.mark.parametrize(("action", "body"), COMMANDS, ids=lambda value: str(value)[:18])
def test_22_nothing_can_be_done_in_transit_seen_by_two(stage, game, action, body):
    game.act(S, "orbit")
    origin, goal = stage.ship().nav.waypoint, game.role("ENG_ASTEROID")
    game.act(S, "navigate", {"waypointSymbol": goal})
    game.wait(0.5)
    refused = game.act(S, action, body)
    assert refused.code == (400, 4214)
    data = refused.error["data"]
    left = stage.ship().nav.arrival - game.clock.now()
    assert data["secondsToArrival"] == pytest.approx(left, abs=1)
    assert (data["departureSymbol"], data["destinationSymbol"]) == (origin, goal)
    assert "currently in-transit" in refused.error["message"]


def test_22_the_flight_mode_can_be_changed_in_transit_official(stage, game):
    game.act(S, "orbit")
    game.act(S, "navigate", {"waypointSymbol": game.role("ENG_ASTEROID")})
    assert game.patch(f"/my/ships/{S}/nav", {"flightMode": "BURN"}).status == 200


@pytest.mark.parametrize(("mode", "fuel"), [("CRUISE", 117), ("BURN", 234), ("DRIFT", 1)])
def test_23_fuel_is_the_distance_twice_it_or_one_official(stage, game, mode, fuel):
    at = game.role("HQ")
    stage.put(S, at, mode=mode)
    data = game.act(S, "navigate", {"waypointSymbol": stage.beside(at, 117)}).data
    assert data["fuel"]["current"] == 400 - fuel
    assert data["fuel"]["consumed"]["amount"] == fuel
    assert data["fuel"]["consumed"]["timestamp"] == data["nav"]["route"]["departureTime"]


def test_23_a_shortage_tells_both_numbers_seen_by_two(stage, game):
    at = game.role("HQ")
    stage.put(S, at)
    stage.ship().fuel = 100
    refused = game.act(S, "navigate", {"waypointSymbol": stage.beside(at, 117)})
    assert refused.code == (400, 4203)
    assert refused.error["data"] == {"shipSymbol": S, "fuelRequired": 117, "fuelAvailable": 100}
    assert "requires 17 more fuel for navigation" in refused.error["message"]
    assert stage.ship().fuel == 100


@pytest.mark.parametrize("mode", ["CRUISE", "BURN", "DRIFT", "STEALTH"])
def test_24_a_probe_has_no_tank_and_flies_free_seen_by_two(stage, game, mode):
    stage.put("ABC-2", game.role("HQ"), mode=mode)
    data = game.act("ABC-2", "navigate", {"waypointSymbol": stage.far(game.role("HQ"))}).data
    assert data["fuel"]["capacity"] == data["fuel"]["consumed"]["amount"] == 0


def test_25_only_a_faster_mode_is_taken_in_transit_and_costs_fuel_official(stage, game):
    at = game.role("HQ")
    stage.put(S, at)
    before = game.act(S, "navigate", {"waypointSymbol": stage.beside(at, 117)}).data
    game.wait(20)
    slower = game.patch(f"/my/ships/{S}/nav", {"flightMode": "DRIFT"})
    assert slower.code == (400, 4269)
    after = game.patch(f"/my/ships/{S}/nav", {"flightMode": "BURN"}).data
    assert set(after) == {"nav", "fuel", "events"}
    assert after["nav"]["route"]["arrival"] < before["nav"]["route"]["arrival"]
    assert after["fuel"]["current"] < before["fuel"]["current"]
    assert after["nav"]["flightMode"] == "BURN"


def test_26_a_market_unit_of_fuel_fills_100_of_the_tank_official(stage, game):
    stage.put(S, game.role("HQ"), docked=True)
    for missing, body, units, added in (
        (101, None, 2, 101),
        (101, {"units": 50}, 1, 50),
        (0, None, 0, 0),
    ):
        stage.ship().fuel = 400 - missing
        funds = game.credits()
        data = game.act(S, "refuel", body).data
        assert data["transaction"]["units"] == units
        assert data["fuel"]["current"] == 400 - missing + added
        assert funds - game.credits() == data["transaction"]["totalPrice"]


def test_26_fuel_may_come_from_the_hold_official(stage, game):
    stage.put(S, game.role("HQ"), docked=True)
    stage.ship().fuel = 250
    stage.load(S, "FUEL", 3)
    funds = game.credits()
    data = game.act(S, "refuel", {"fromCargo": True}).data
    assert data["fuel"]["current"] == 400
    assert stage.ship().cargo == {"FUEL": 1}
    assert game.credits() == funds


def test_26_where_no_fuel_is_sold_or_the_ship_isn_t_docked_it_is_refused_official(stage, game):
    dry = game.role("HQ_STATION")
    del stage.world.markets[dry].goods["FUEL"]
    stage.ship().fuel = 100
    stage.put(S, dry, docked=True)
    assert game.act(S, "refuel").code == (400, 4601)
    stage.put(S, game.role("HQ"))
    assert game.act(S, "refuel").code == (400, 4244)
