"""Points 45 to 49 of the fidelity list: locks, contracts, construction, resets."""

import msgspec
import pytest

from fleet.simulator.settings import Rules

S = "ABC-1"


def test_45_commands_on_one_ship_never_act_together_official(make_game):
    game = make_game(rules=Rules(lock_seconds=0.05))
    game.register()
    assert game.act(S, "orbit").status == 200
    refused = game.act(S, "dock")
    assert refused.code == (409, 409)
    assert "is currently locked while processing another request" in refused.error["message"]
    assert game.world.ships[S].nav.docked is False
    assert game.get(f"/my/ships/{S}").status == 200
    assert game.act("ABC-2", "orbit").status == 200
    game.wait(0.05)
    assert game.act(S, "dock").status == 200


def test_45_by_default_they_wait_for_each_other(game):
    assert [game.act(S, action).status for action in ("orbit", "dock", "orbit")] == [200] * 3


def deliver(game, contract, units, good=None):
    row = contract["terms"]["deliver"][0]
    body = {"shipSymbol": S, "tradeSymbol": good or row["tradeSymbol"], "units": units}
    return game.post(f"/my/contracts/{contract['id']}/deliver", body)


def test_47_a_contract_s_life_and_every_refusal_on_its_way_seen_by_two(stage, game):
    contract = game.get("/my/contracts").data[0]
    path, row = f"/my/contracts/{contract['id']}", contract["terms"]["deliver"][0]
    need, good = row["unitsRequired"], row["tradeSymbol"]
    assert deliver(game, contract, 1).code == (400, 4505)
    assert game.post(f"{path}/fulfill").code == (400, 4505)
    funds = game.credits()
    game.post(f"{path}/accept")
    assert game.credits() - funds == contract["terms"]["payment"]["onAccepted"]
    assert game.post(f"{path}/accept").code == (400, 4501)
    assert game.post(f"{path}/fulfill").code == (400, 4502)
    stage.put(S, stage.far(row["destinationSymbol"]), docked=True)
    away = deliver(game, contract, 1)
    assert away.code == (400, 4510)
    assert "Ship is not at the delivery destination." in away.error["message"]
    stage.put(S, row["destinationSymbol"], docked=True)
    assert deliver(game, contract, 1, "ANTIMATTER").code == (400, 4508)
    assert deliver(game, contract, 1).code == (400, 4218)
    stage.load(S, good, need + 1)
    assert (
        deliver(game, contract, need).data["contract"]["terms"]["deliver"][0]["unitsFulfilled"]
        == need
    )
    met = deliver(game, contract, 1)
    assert met.code == (400, 4509)
    assert f"Contract delivery terms for {good} have been met." in met.error["message"]
    funds = game.credits()
    assert game.post(f"{path}/fulfill").data["contract"]["fulfilled"] is True
    assert game.credits() - funds == contract["terms"]["payment"]["onFulfilled"]
    assert game.post(f"{path}/fulfill").code == (400, 4504)
    assert game.get("/my/contracts/nonesuch").code == (404, 404)


def test_47_contracts_belong_to_their_agent_and_end_with_their_deadline_official(stage, game):
    contract = game.get("/my/contracts").data[0]
    path = f"/my/contracts/{contract['id']}"
    rival = game.post("/register", {"symbol": "RIVAL", "faction": "COSMIC"}, token=None).data
    assert game.post(f"{path}/accept", token=rival["token"]).code == (400, 4500)
    assert game.get(path, token=rival["token"]).code == (400, 4506)
    game.post(f"{path}/accept")
    game.clock.advance_to(stage.world.contracts[contract["id"]].deadline)
    assert game.post(f"{path}/fulfill").code == (400, 4503)
    events = game.get("/my/agent/events").data
    assert [row["data"]["contractId"] for row in events] == [contract["id"]]
    game.wait(60)
    assert game.get("/my/agent/events").data == []


def test_47_negotiating_takes_a_dock_a_faction_and_no_other_contract_seen_by_two(stage, game):
    stage.put(S, game.role("HQ"))
    assert game.act(S, "negotiate/contract").code == (400, 4244)
    game.act(S, "dock")
    active = game.act(S, "negotiate/contract")
    contract = game.get("/my/contracts").data[0]["id"]
    assert active.code == (400, 4511)
    assert active.error["data"] == {"agentSymbol": "ABC", "contractId": contract}
    stage.world.contracts[contract].fulfilled = True
    stage.world.waypoints[game.role("HQ")].faction = None
    assert game.act(S, "negotiate/contract").code == (400, 4700)
    stage.world.waypoints[game.role("HQ")].faction = "COSMIC"
    assert game.act(S, "negotiate/contract").data["contract"]["accepted"] is False


def supply(game, at, good, units):
    body = {"shipSymbol": S, "tradeSymbol": good, "units": units}
    return game.post(f"{game.path_of(at)}/construction/supply", body)


def test_48_a_gate_takes_what_it_needs_and_opens_when_it_has_it_seen_by_two(stage, game):
    gate = stage.gate()
    end = stage.ends()[0]
    if not stage.finished(end):
        stage.finish(end)
    stage.put(S, gate)
    assert game.act(S, "jump", {"waypointSymbol": end}).code == (400, 4256)
    stage.put(S, gate, docked=True)
    stage.ship().capacity = 10_000
    stage.load(S, "FAB_MATS", 2_000)
    stage.load(S, "ADVANCED_CIRCUITRY", 400)
    assert supply(game, gate, "FOOD", 1).code == (400, 4800)
    assert supply(game, gate, "QUANTUM_STABILIZERS", 1).code == (400, 4801)
    assert supply(game, gate, "ADVANCED_CIRCUITRY", 500).code == (400, 4219)
    stage.put(S, game.role("HQ"), docked=True)
    assert supply(game, gate, "FAB_MATS", 1).code == (400, 4802)
    stage.put(S, gate, docked=True)
    data = supply(game, gate, "FAB_MATS", 2_000).data
    assert data["cargo"]["units"] == 800
    assert data["construction"]["isComplete"] is False
    assert supply(game, gate, "ADVANCED_CIRCUITRY", 400).data["construction"]["isComplete"] is True
    assert game.get(game.path_of(gate)).data["isUnderConstruction"] is False
    met = supply(game, gate, "FAB_MATS", 1)
    assert met.code == (400, 4801)
    assert "Construction material requirements for FAB_MATS have been met." in met.error["message"]
    game.act(S, "orbit")
    assert game.act(S, "jump", {"waypointSymbol": end}).status == 200


def test_49_a_reset_changes_the_date_and_old_tokens_are_4113_official(game):
    date = game.get("/").body["resetDate"]
    assert game.send("POST", "/sim/reset").status == 200
    game.wait(30)
    assert game.get("/").body["resetDate"] > date
    assert game.get("/my/agent").code == (401, 4113)


@pytest.mark.parametrize(("symbol", "code"), [("SPACETRADERS", 4110), ("spacetraders", 4110)])
def test_reserved_call_signs_are_refused_seen_by_one(game, symbol, code):
    refused = game.post("/register", {"symbol": symbol, "faction": "COSMIC"}, token=None)
    assert refused.code == (400, code)


def test_a_faction_that_takes_nobody_in_is_4112(game):
    factions = game.sim.catalogue.factions
    factions["VOID"] = msgspec.structs.replace(factions["VOID"], isRecruiting=False)
    refused = game.post("/register", {"symbol": "NEW", "faction": "VOID"}, token=None)
    assert refused.code == (400, 4112)
