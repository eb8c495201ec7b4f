"""Contracts from negotiation to payment."""

import pytest

SHIP = "ABC-1"


def contract_of(game, number=0):
    return game.world.contracts[game.world.agents["ABC"].contracts[number]]


def deliver(game, contract, units, good=None, ship=SHIP):
    body = {
        "shipSymbol": ship,
        "tradeSymbol": good or contract.deliveries[0].good,
        "units": units,
    }
    return game.post(f"/my/contracts/{contract.id}/deliver", body)


@pytest.fixture
def ready(game):
    """An accepted contract, with its goods in the hold of the frigate at the destination."""
    contract = contract_of(game)
    row = contract.deliveries[0]
    game.post(f"/my/contracts/{contract.id}/accept")
    row.required = min(row.required, 40)
    game.world.ships[SHIP].fuel = 400
    game.dock_at(SHIP, row.destination)
    game.world.ships[SHIP].cargo[row.good] = row.required
    return game


def test_the_first_contract_asks_for_ore_that_a_market_imports(game):
    row = contract_of(game).deliveries[0]
    assert row.good.endswith("_ORE")
    assert game.world.markets[row.destination].goods[row.good].role == "IMPORT"
    shown = game.get("/my/contracts").data[0]
    assert shown["expiration"] == shown["deadlineToAccept"]


def test_accepting_pays_the_advance_once(game):
    contract, before = contract_of(game), game.credits()
    data = game.post(f"/my/contracts/{contract.id}/accept").data
    assert data["contract"]["accepted"]
    assert data["agent"]["credits"] == before + contract.on_accepted
    assert game.post(f"/my/contracts/{contract.id}/accept").code == (400, 4501)


def test_accepting_too_late_is_4503(game):
    game.wait(86_401)
    assert game.post(f"/my/contracts/{contract_of(game).id}/accept").code == (400, 4503)


def test_delivery_in_parts_then_payment(ready):
    contract = contract_of(ready)
    row = contract.deliveries[0]
    assert (
        deliver(ready, contract, 1).data["contract"]["terms"]["deliver"][0]["unitsFulfilled"] == 1
    )
    assert ready.post(f"/my/contracts/{contract.id}/fulfill").code == (400, 4502)
    assert deliver(ready, contract, row.required - 1).data["cargo"]["units"] == 0
    before = ready.credits()
    data = ready.post(f"/my/contracts/{contract.id}/fulfill").data
    assert data["agent"]["credits"] == before + contract.on_fulfilled
    assert data["contract"]["fulfilled"]
    assert ready.post(f"/my/contracts/{contract.id}/fulfill").code == (400, 4504)
    assert ready.get("/my/factions").data == [{"symbol": "COSMIC", "reputation": 1}]


def test_deliveries_are_refused_for_each_reason(ready):
    contract = contract_of(ready)
    row = contract.deliveries[0]
    assert deliver(ready, contract, 1, good="GOLD").code == (400, 4508)
    assert deliver(ready, contract, 41).code == (400, 4219)
    assert deliver(ready, contract, 1, ship="ABC-2").code == (400, 4510)
    ready.act(SHIP, "orbit")
    assert deliver(ready, contract, 1).code == (400, 4244)
    ready.act(SHIP, "dock")
    ready.world.ships[SHIP].cargo[row.good] += 1
    assert deliver(ready, contract, row.required + 1).code == (400, 4509)
    assert deliver(ready, contract, row.required).status == 200
    assert deliver(ready, contract, 1).code == (400, 4509)
    contract.fulfilled = True
    assert deliver(ready, contract, 1).code == (400, 4504)


def test_an_unaccepted_contract_takes_no_deliveries(game):
    assert deliver(game, contract_of(game), 1).code == (400, 4505)


def test_a_contract_past_its_deadline_is_4503(ready):
    ready.wait(7 * 86_400)
    contract = contract_of(ready)
    assert deliver(ready, contract, 1).code == (400, 4503)
    assert ready.post(f"/my/contracts/{contract.id}/fulfill").code == (400, 4503)


def test_contracts_of_others_are_refused(game):
    key = contract_of(game).id
    game.register("XYZ")
    assert game.get(f"/my/contracts/{key}").code == (400, 4506)
    assert game.post(f"/my/contracts/{key}/accept").code == (400, 4500)
    assert game.get("/my/contracts/none").code == (404, 404)


def test_only_one_contract_at_a_time(game):
    refused = game.act(SHIP, "negotiate/contract")
    assert refused.code == (400, 4511)
    assert refused.error["data"] == {"agentSymbol": "ABC", "contractId": contract_of(game).id}


def test_negotiating_needs_a_dock_and_a_faction(game):
    contract_of(game).fulfilled = True
    game.act(SHIP, "orbit")
    assert game.act(SHIP, "negotiate/contract").code == (400, 4244)
    game.act(SHIP, "dock")
    game.world.waypoints[game.role("HQ")].faction = None
    assert game.act(SHIP, "negotiate/contract").code == (400, 4700)


def test_a_negotiated_contract_is_worth_its_goods(game):
    for number in range(1, 30):
        contract_of(game, number - 1).fulfilled = True
        data = game.act(SHIP, "negotiate/contract").data["contract"]
        terms = data["terms"]
        row = terms["deliver"][0]
        good = game.sim.catalogue.goods[row["tradeSymbol"]]
        pay = sum(terms["payment"].values()) / row["unitsRequired"] / good.base
        low, high = (2.5, 3.8) if good.category.startswith("raw") else (1.55, 1.9)
        assert low - 0.05 <= pay <= high + 0.05
        assert (
            game.world.markets[row["destinationSymbol"]].goods[row["tradeSymbol"]].role == "IMPORT"
        )
        assert 1 <= row["unitsRequired"] <= 78


def test_an_expired_offer_makes_room_for_another(game):
    game.wait(86_401)
    assert game.act(SHIP, "negotiate/contract").status == 201
