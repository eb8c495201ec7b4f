"""Points 30 to 40 of the fidelity list: the work of ships."""

import re

import msgspec
import pytest

from fleet.simulator.settings import Rules

S = "ABC-1"


@pytest.fixture
def rock(stage, game):
    """Put the frigate into orbit of an asteroid; tell which."""
    point = next(row for row in stage.points() if row.type == "ASTEROID" and len(row.deposits) > 3)
    stage.put(S, point.symbol)
    return point


def test_30_one_laser_cools_down_for_70_seconds_seen_by_two(stage, game, rock):
    drone = stage.launch("SHIP_MINING_DRONE", rock.symbol)
    stage.put(drone, rock.symbol)
    cooldown = game.act(drone, "extract").data["cooldown"]
    assert (cooldown["totalSeconds"], cooldown["remainingSeconds"]) == (70, 70)
    game.wait(0.5)
    refused = game.act(drone, "extract")
    assert refused.code == (409, 4000)
    assert refused.error["data"]["cooldown"] == cooldown | {"remainingSeconds": 70}
    assert "Ship action is still on cooldown for 70 second(s)." in refused.error["message"]


def test_30_an_idle_ship_has_no_cooldown_official(stage, game):
    assert game.get(f"/my/ships/{S}/cooldown").status == 204
    idle = game.get(f"/my/ships/{S}").data["cooldown"]
    assert idle == {"shipSymbol": S, "totalSeconds": 0, "remainingSeconds": 0}


def test_31_what_an_extraction_needs_seen_by_two(stage, game, rock):
    game.act(S, "dock")
    assert game.act(S, "extract").code == (400, 4236)
    stage.put(S, game.role("HQ"))
    wrong = game.act(S, "extract")
    assert wrong.code == (400, 4205)
    assert "is not a valid location for extracting minerals." in wrong.error["message"]
    stage.put(S, rock.symbol)
    stage.ship().modules.remove("MODULE_MINERAL_PROCESSOR_I")
    assert game.act(S, "extract").code == (400, 4242)
    stage.ship().mounts.remove("MOUNT_MINING_LASER_II")
    assert game.act(S, "extract").code == (400, 4243)


def test_32_surveys_are_as_many_as_the_surveyors_are_strong_seen_by_two(stage, game, rock):
    surveys = game.act(S, "survey").data["surveys"]
    assert len(surveys) == 2
    for survey in surveys:
        assert re.fullmatch(rf"{rock.symbol}-[0-9A-F]{{6}}", survey["signature"])
        assert 3 <= len(survey["deposits"]) <= 7
    game.cool(S)
    game.act(S, "dock")
    refused = game.act(S, "survey")
    assert refused.code == (400, 4223)
    assert "must be in orbit" in refused.error["message"]


def test_33_a_survey_must_come_back_as_it_was_given_seen_by_two(stage, game, rock):
    survey = game.act(S, "survey").data["surveys"][0]
    game.cool(S)
    altered = survey | {"size": "LARGE" if survey["size"] != "LARGE" else "SMALL"}
    assert game.act(S, "extract/survey", altered).code == (400, 4220)
    offset = survey | {"expiration": survey["expiration"].replace("Z", "+00:00")}
    assert game.act(S, "extract/survey", offset).code == (422, 3001)
    assert game.act(S, "extract/survey", survey).status == 201


def test_33_a_survey_ends_by_time_and_by_use_seen_by_two(stage, game, rock):
    one, other = game.act(S, "survey").data["surveys"]
    game.cool(S)
    stage.world.surveys[one["signature"]].left = 0
    used = game.act(S, "extract/survey", one)
    assert used.code == (409, 4224)
    assert used.error["message"].endswith(f"Survey {one['signature']} has been exhausted.")
    assert game.get(f"/my/ships/{S}/cooldown").status == 204
    game.clock.advance_to(stage.world.surveys[other["signature"]].expires)
    late = game.act(S, "extract/survey", other)
    assert late.code == (400, 4221)
    assert "Target signature is no longer in range or valid." in late.error["message"]


def test_34_yields_are_of_the_site_or_the_survey_and_fit_the_hold_official(stage, game, rock):
    survey = game.act(S, "survey").data["surveys"][0]
    named = {row["symbol"] for row in survey["deposits"]}
    stage.load(S, "FOOD", 38)
    for path, body, goods in (("extract", None, rock.deposits), ("extract/survey", survey, named)):
        game.cool(S)
        stage.ship().cargo = {"FOOD": 38}
        found = game.act(S, path, body).data["extraction"]["yield"]
        assert found["symbol"] in goods
        assert found["units"] <= 2
    game.cool(S)
    stage.ship().cargo = {"FOOD": 40}
    full = game.act(S, "extract")
    assert full.code == (400, 4228)
    assert "has 0 units of available space" in full.error["message"]


@pytest.mark.parametrize(("kind", "rate"), [("ASTEROID", 10), ("ENGINEERED_ASTEROID", 20)])
def test_35_a_site_bears_10_or_20_extractions_a_minute_official(make_game, kind, rate):
    game = make_game(rules=Rules(unstable_refusal=0.0))
    game.register()
    point = next(row for row in game.world.waypoints.values() if row.type == kind)
    ship = game.world.ships[S]
    ship.nav.waypoint, ship.nav.docked = point.symbol, False

    def dig(times):
        for _ in range(times):
            ship.cool_at, ship.cargo = 0.0, {}
            data = game.act(S, "extract").data
        return [row["symbol"] for row in data["modifiers"]]

    assert dig(rate) == []
    assert dig(6 * rate) == ["CRITICAL_LIMIT"]
    assert dig(5 * rate) == ["UNSTABLE"]
    shown = game.get(game.path_of(point.symbol)).data["modifiers"]
    assert shown[0]["symbol"] == "UNSTABLE"
    game.wait(3600)
    assert game.get(game.path_of(point.symbol)).data["modifiers"] == []


def test_35_an_unstable_site_may_refuse_with_4253_seen_by_one(make_game):
    game = make_game(rules=Rules(unstable_refusal=1.0, strain_minutes=0.05))
    game.register()
    point = next(row for row in game.world.waypoints.values() if row.type == "ASTEROID")
    ship = game.world.ships[S]
    ship.nav.waypoint, ship.nav.docked = point.symbol, False
    game.act(S, "extract")
    ship.cool_at = 0.0
    refused = game.act(S, "extract")
    assert refused.code == (400, 4253)
    assert game.get(f"/my/ships/{S}/cooldown").status == 204


def test_36_gas_is_siphoned_at_gas_giants_only_seen_by_two(stage, game, rock):
    assert game.act(S, "siphon").code == (400, 4259)
    stage.put(S, game.role("GAS_GIANT"))
    data = game.act(S, "siphon").data
    assert data["siphon"]["yield"]["symbol"] in (
        "HYDROCARBON",
        "LIQUID_HYDROGEN",
        "LIQUID_NITROGEN",
    )
    assert data["cooldown"]["totalSeconds"] == 80
    stage.put(S, game.role("GAS_GIANT"))
    stage.ship().modules.remove("MODULE_GAS_PROCESSOR_I")
    assert game.act(S, "siphon").code == (400, 4257)
    stage.ship().mounts.remove("MOUNT_GAS_SIPHON_II")
    assert game.act(S, "siphon").code == (400, 4258)


def test_37_who_may_hand_cargo_to_whom_seen_by_one(stage, game):
    at = game.role("HQ")
    other = stage.launch("SHIP_LIGHT_HAULER", at)
    game.post("/register", {"symbol": "RIVAL", "faction": "COSMIC"}, token=None)
    stage.put(S, at, docked=True)
    stage.load(S, "FOOD", 10)

    def hand(to, units=5, good="FOOD"):
        return game.act(S, "transfer", {"shipSymbol": to, "tradeSymbol": good, "units": units})

    assert hand("ABC-99").code == (400, 4231)
    assert hand("RIVAL-1").code == (400, 4232)
    assert hand(S).code == (400, 4233)
    stage.put(other, at)
    assert hand(other).code == (400, 4271)
    stage.put(other, game.role("ENG_ASTEROID"), docked=True)
    assert hand(other).code == (400, 4234)
    stage.put(other, at, docked=True)
    assert hand(other, 11).code == (400, 4219)
    assert hand(other, 1, "FUEL").code == (400, 4218)
    stage.load(other, "IRON", 76)
    refused = hand(other)
    assert refused.code == (400, 4217)
    assert refused.error["data"] == {
        "shipSymbol": other,
        "cargoCapacity": 80,
        "cargoUnits": 76,
        "unitsToAdd": 5,
    }
    data = hand(other, 4).data
    assert (data["cargo"]["units"], data["targetCargo"]["units"]) == (6, 80)


def test_38_what_goes_overboard_is_gone_seen_by_two(stage, game):
    stage.put(S, game.role("HQ"))
    stage.load(S, "FOOD", 10)
    refused = game.act(S, "jettison", {"symbol": "FOOD", "units": 11})
    assert refused.code == (400, 4219)
    assert refused.error["data"] == {
        "shipSymbol": S,
        "tradeSymbol": "FOOD",
        "cargoUnits": 10,
        "unitsToRemove": 11,
    }
    assert game.act(S, "jettison", {"symbol": "FOOD", "units": 10}).data["cargo"]["units"] == 0


def test_39_a_chart_is_made_once_paid_and_counted_official(stage, game):
    at = game.role("FAB_STATION")
    stage.world.waypoints[at].chart = None
    shown = game.get(game.path_of(at)).data
    assert [row["symbol"] for row in shown["traits"]] == ["UNCHARTED"]
    assert "chart" not in shown
    stage.put("ABC-2", at)
    funds = game.credits()
    data = game.act("ABC-2", "chart").data
    assert data["chart"]["submittedBy"] == "ABC"
    assert data["transaction"]["totalPrice"] == game.credits() - funds > 0
    assert "MARKETPLACE" in [row["symbol"] for row in game.get(game.path_of(at)).data["traits"]]
    again = game.act("ABC-2", "chart")
    assert (again.code, again.error["data"]) == ((400, 4230), {"waypointSymbol": at})
    assert f"Waypoint already charted: {at}" in again.error["message"]
    board = game.get("/").body["leaderboards"]["mostSubmittedCharts"]
    assert board == [{"agentSymbol": "ABC", "chartCount": 1}]


@pytest.mark.parametrize("what", ["systems", "waypoints", "ships"])
def test_40_a_scan_takes_a_sensor_array_official(stage, game, what):
    stage.put("ABC-2", game.role("HQ"))
    assert game.act("ABC-2", f"scan/{what}").code == (400, 4215)
    assert game.act(S, f"scan/{what}").code == (400, 4236)
    stage.put(S, game.role("HQ"))
    data = game.act(S, f"scan/{what}").data
    assert data["cooldown"]["totalSeconds"] == 80
    assert game.act(S, f"scan/{what}").code == (409, 4000)


def test_40_a_scan_shows_nearest_systems_true_traits_and_everybody_s_ships(stage, game):
    stage.put(S, game.role("HQ"))
    stage.world.rules = msgspec.structs.replace(stage.world.rules, scan_reach=10_000.0)
    systems = game.act(S, "scan/systems").data["systems"]
    far = [row["distance"] for row in systems]
    assert 0 < len(systems) <= 20
    assert far == sorted(far)
    assert stage.home not in [row["symbol"] for row in systems]
    hidden = game.role("FAB_STATION")
    stage.world.waypoints[hidden].chart = None
    game.cool(S)
    waypoints = {row["symbol"]: row for row in game.act(S, "scan/waypoints").data["waypoints"]}
    assert waypoints.keys() == {row.symbol for row in stage.points()}
    assert "MARKETPLACE" in [row["symbol"] for row in waypoints[hidden]["traits"]]
    game.post("/register", {"symbol": "RIVAL", "faction": "COSMIC"}, token=None)
    game.cool(S)
    ships = {row["symbol"] for row in game.act(S, "scan/ships").data["ships"]}
    assert ships == {"ABC-2", "RIVAL-1", "RIVAL-2"}


def test_refining_turns_100_into_10_official(stage, game):
    ship = stage.launch("SHIP_REFINING_FREIGHTER", game.role("HQ"))
    stage.load(ship, "IRON_ORE", 120)
    data = game.act(ship, "refine", {"produce": "IRON"}).data
    assert data["produced"] == [{"tradeSymbol": "IRON", "units": 10}]
    assert data["consumed"] == [{"tradeSymbol": "IRON_ORE", "units": 100}]
    assert stage.ship(ship).cargo == {"IRON_ORE": 20, "IRON": 10}
    assert game.act(ship, "refine", {"produce": "IRON"}).code == (409, 4000)
    game.cool(ship)
    assert game.act(ship, "refine", {"produce": "IRON"}).code == (400, 4219)
    assert game.act(ship, "refine", {"produce": "FUEL"}).code == (400, 4238)
    assert game.act(ship, "refine", {"produce": "FOOD"}).code == (422, 3001)
    assert game.act(S, "refine", {"produce": "IRON"}).code == (400, 4239)


def test_wear_shows_as_condition_events_and_can_be_turned_off(make_game):
    for odds, worn in ((1.0, True), (0.0, False)):
        game = make_game(rules=Rules(wear_in_flight=odds, wear_at_work=odds))
        game.register()
        game.act(S, "orbit")
        goal = {"waypointSymbol": game.role("ENG_ASTEROID")}
        events = game.act(S, "navigate", goal).data["events"]
        assert bool(events) is worn
        ship = game.get(f"/my/ships/{S}").data
        conditions = [ship[part]["condition"] for part in ("frame", "reactor", "engine")]
        assert (min(conditions) < 1) is worn
        if worn:
            assert ship[events[0]["component"].lower()]["condition"] == min(conditions)
