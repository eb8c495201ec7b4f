"""Points 41 to 44 of the fidelity list: what shipyards do."""

import pytest

S = "ABC-1"


@pytest.fixture
def yard(stage, game):
    """Dock the frigate at a yard, with credits; tell which."""
    at = game.role("MOON_YARD")
    stage.put(S, at, docked=True)
    stage.agent().credits = 1_000_000
    return at


def test_41_a_ship_is_bought_where_one_has_a_ship_seen_by_two(stage, game, yard):
    order = {"shipType": "SHIP_PROBE", "waypointSymbol": yard}
    for ship in (S, "ABC-2"):
        stage.put(ship, game.role("HQ"))
    assert game.post("/my/ships", order).code == (400, 4245)
    stage.put(S, yard)
    stage.agent().credits = 5
    poor = game.post("/my/ships", order)
    assert poor.code == (400, 4216)
    assert poor.error["data"]["creditsAvailable"] == 5
    assert "insufficient funds" in poor.error["message"]
    assert game.post("/my/ships", order | {"shipType": "SHIP_ORE_HOUND"}).code == (400, 4605)
    stage.agent().credits = 500_000
    ship = game.post("/my/ships", order | {"shipType": "SHIP_LIGHT_HAULER"}).data["ship"]
    assert ship["nav"]["status"] == "DOCKED"
    assert ship["fuel"]["current"] == ship["fuel"]["capacity"] > 0
    assert ship["cargo"]["units"] == 0
    assert ship["cooldown"]["remainingSeconds"] == 0


def refit(game, what, symbol, ship=S):
    return game.act(ship, what, {"symbol": symbol})


def test_42_a_mount_moves_between_hull_and_hold_for_a_fee_official(stage, game, yard):
    funds = game.credits()
    data = refit(game, "mounts/remove", "MOUNT_SURVEYOR_II").data
    assert "MOUNT_SURVEYOR_II" not in [row["symbol"] for row in data["mounts"]]
    assert [row["symbol"] for row in data["cargo"]["inventory"]] == ["MOUNT_SURVEYOR_II"]
    fee = data["transaction"]["totalPrice"]
    assert fee == funds - game.credits() > 0
    assert refit(game, "mounts/remove", "MOUNT_SURVEYOR_II").code == (400, 4247)
    data = refit(game, "mounts/install", "MOUNT_SURVEYOR_II").data
    assert "MOUNT_SURVEYOR_II" in [row["symbol"] for row in data["mounts"]]
    assert stage.ship().cargo == {}
    crew = game.get(f"/my/ships/{S}").data["crew"]
    assert (crew["required"], crew["capacity"]) == (57, 80)


def test_42_cargo_modules_change_the_capacity_official(stage, game, yard):
    stage.load(S, "MODULE_CARGO_HOLD_I", 1)
    stage.ship().modules.remove("MODULE_CREW_QUARTERS_I")
    assert refit(game, "modules/install", "MODULE_CARGO_HOLD_I").data["cargo"]["capacity"] == 55
    stage.load(S, "FOOD", 30)
    assert refit(game, "modules/remove", "MODULE_CARGO_HOLD_II").code == (400, 4217)
    stage.ship().cargo = {}
    data = refit(game, "modules/remove", "MODULE_CARGO_HOLD_II").data
    assert (data["cargo"]["capacity"], data["cargo"]["units"]) == (15, 1)
    assert refit(game, "modules/remove", "MODULE_WARP_DRIVE_I").code == (400, 4267)


def test_42_what_keeps_a_part_from_being_fitted_official(stage, game, yard):
    hull = stage.ship()
    for what, part in (
        ("mounts", "MOUNT_TURRET_I"),
        ("modules", "MODULE_CARGO_HOLD_I"),
    ):
        assert refit(game, f"{what}/install", part).code == (400, 4218)
        assert refit(game, f"{what}/install", "IRON_ORE").code == (422, 3001)
    hull.cargo = {"MOUNT_TURRET_I": 2, "MODULE_CARGO_HOLD_III": 1, "MODULE_SHIELD_GENERATOR_I": 1}
    assert refit(game, "modules/install", "MODULE_CARGO_HOLD_III").code == (400, 4250)
    assert refit(game, "mounts/install", "MOUNT_TURRET_I").status == 201
    assert refit(game, "mounts/install", "MOUNT_TURRET_I").code == (400, 4251)
    hull.modules = ["MODULE_CARGO_HOLD_II", "MODULE_CREW_QUARTERS_I"]
    hull.mounts = ["MOUNT_LASER_CANNON_I"] * 4
    hull.reactor.symbol = "REACTOR_CHEMICAL_I"
    assert refit(game, "modules/install", "MODULE_SHIELD_GENERATOR_I").code == (400, 4249)
    hull.reactor.symbol = "REACTOR_FUSION_I"
    hull.crew_required = hull.crew_capacity
    assert refit(game, "modules/install", "MODULE_SHIELD_GENERATOR_I").code == (400, 4252)
    hull.crew_required = 57
    stage.agent().credits = 1
    assert refit(game, "modules/install", "MODULE_SHIELD_GENERATOR_I").code == (400, 4268)
    assert refit(game, "mounts/remove", "MOUNT_LASER_CANNON_I").code == (400, 4248)


def test_42_refitting_takes_a_yard_and_a_dock_seen_by_one(stage, game, yard):
    stage.put(S, yard)
    assert refit(game, "mounts/remove", "MOUNT_SURVEYOR_II").code == (400, 4244)
    stage.put(S, game.role("HQ"), docked=True)
    assert refit(game, "mounts/remove", "MOUNT_SURVEYOR_II").code == (400, 4246)
    assert refit(game, "modules/remove", "MODULE_CARGO_HOLD_II").code == (400, 4266)


def test_43_scrapping_pays_what_was_quoted_and_the_ship_is_gone_official(stage, game, yard):
    stage.load(S, "FOOD", 10)
    quote = game.get(f"/my/ships/{S}/scrap").data["transaction"]
    funds = game.credits()
    done = game.act(S, "scrap").data
    assert done["transaction"]["totalPrice"] == quote["totalPrice"] == game.credits() - funds > 0
    assert done["agent"]["shipCount"] == 1
    assert game.get(f"/my/ships/{S}").code == (404, 404)
    assert [row["symbol"] for row in game.get("/my/ships").data] == ["ABC-2"]
    assert stage.launch("SHIP_PROBE", yard) == "ABC-3"


def test_43_scrapping_takes_a_yard_even_to_ask_seen_by_one(stage, game):
    stage.put(S, game.role("HQ"), docked=True)
    assert game.get(f"/my/ships/{S}/scrap").code == (400, 4263)
    assert game.act(S, "scrap").code == (400, 4263)


def test_44_a_repair_mends_condition_and_costs_integrity_official(stage, game, yard):
    sound = game.get(f"/my/ships/{S}/repair").data["transaction"]
    assert sound["totalPrice"] == 0
    stage.ship().frame.condition = 0.5
    quote = game.get(f"/my/ships/{S}/repair").data["transaction"]["totalPrice"]
    funds = game.credits()
    data = game.act(S, "repair").data
    assert data["transaction"]["totalPrice"] == quote == funds - game.credits() > 0
    assert data["ship"]["frame"]["condition"] == 1
    assert data["ship"]["frame"]["integrity"] < 1
    assert data["ship"]["engine"]["integrity"] == 1


def test_44_a_repair_takes_a_yard_and_credits_official(stage, game, yard):
    stage.ship().frame.condition = 0.5
    stage.agent().credits = 1
    assert game.act(S, "repair").code == (400, 4265)
    stage.put(S, game.role("HQ"), docked=True)
    assert game.get(f"/my/ships/{S}/repair").code == (400, 4264)
    assert game.act(S, "repair").code == (400, 4264)
