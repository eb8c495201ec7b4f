"""Building the home gate."""

import pytest

SHIP = "ABC-1"


@pytest.fixture
def site(game):
    """The game with the frigate docked at the gate, with material aboard."""
    game.world.ships[SHIP].fuel_capacity = game.world.ships[SHIP].fuel = 2000
    game.dock_at(SHIP, game.role("JUMP_GATE"))
    game.world.ships[SHIP].cargo |= {
        "FAB_MATS": 30,
        "ADVANCED_CIRCUITRY": 5,
        "QUANTUM_STABILIZERS": 1,
    }
    return game


def supply(game, good="FAB_MATS", units=10, ship=SHIP, at="JUMP_GATE"):
    path = f"{game.path_of(game.role(at))}/construction/supply"
    return game.post(path, {"shipSymbol": ship, "tradeSymbol": good, "units": units})


def test_material_leaves_the_hold_for_the_site(site):
    data = supply(site).data
    assert data["cargo"]["units"] == 26
    rows = {row["tradeSymbol"]: row["fulfilled"] for row in data["construction"]["materials"]}
    assert rows == {"FAB_MATS": 10, "ADVANCED_CIRCUITRY": 0, "QUANTUM_STABILIZERS": 1}


def test_supplies_are_refused_for_each_reason(site):
    site.world.ships[SHIP].cargo["GOLD"] = 1
    assert supply(site, "GOLD").code == (400, 4800)
    assert supply(site, "QUANTUM_STABILIZERS").code == (400, 4801)
    assert supply(site, units=31).code == (400, 4219)
    assert supply(site, ship="ABC-2").code == (400, 4802)
    assert supply(site, at="HQ").code == (400, 4800)
    site.act(SHIP, "orbit")
    assert supply(site).code == (400, 4244)


def test_the_last_units_complete_the_gate_and_no_more_are_taken(site):
    gate = site.role("JUMP_GATE")
    for row in site.world.constructions[gate].materials:
        row.fulfilled = row.required
    site.world.constructions[gate].materials[0].fulfilled -= 4
    assert site.get(site.path_of(gate)).data["isUnderConstruction"]
    data = supply(site, units=10).data
    assert data["construction"]["isComplete"]
    assert site.world.ships[SHIP].cargo["FAB_MATS"] == 26
    assert not site.get(site.path_of(gate)).data["isUnderConstruction"]
    assert supply(site).code == (400, 4801)
