"""The package's data files, against the facts they were built from."""

import importlib.util
import json
from pathlib import Path

import pytest

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rulebook import RULEBOOK, listed, shown
from fleet.simulator.settings import Rules, SimSettings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_data", ROOT / "scripts/build_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_files_are_what_the_script_builds(builder, shared):
    built = builder.build(shared / "data")
    for name, content in built.items():
        committed = (ROOT / "simulator/data" / f"{name}.json").read_text()
        assert committed == builder.render(content), f"run scripts/build_data.py for {name}"


def test_every_symbol_that_one_file_uses_another_explains():
    catalogue = Catalogue()
    for model in catalogue.ship_types.values():
        for part in (model.frame, model.reactor, model.engine, *model.modules, *model.mounts):
            assert part in catalogue.parts
    for output, inputs in catalogue.supply_chain.items():
        assert {output, *inputs} <= catalogue.goods.keys()
    for goods in catalogue.starting_system.markets.values():
        assert {row[0] for row in goods} <= catalogue.goods.keys()
    for place in catalogue.starting_system.places:
        assert set(place.traits) <= catalogue.traits.keys()
    for weights in catalogue.yields.by_trait.values():
        assert weights.keys() <= catalogue.goods.keys()


def test_symbols_are_those_of_the_servers_own_specification(shared):
    document = json.loads((shared / "openapi/server-2025-06.json").read_text())
    schemas = document["components"]["schemas"]
    catalogue = Catalogue()
    assert set(schemas["TradeSymbol"]["enum"]) == catalogue.goods.keys()
    assert set(schemas["ShipType"]["enum"]) == catalogue.ship_types.keys()
    assert set(schemas["FactionSymbol"]["enum"]) == catalogue.factions.keys()
    assert catalogue.traits.keys() <= set(schemas["WaypointTraitSymbol"]["enum"])


def test_every_rule_that_can_be_set_stands_in_the_rulebook():
    assert list(RULEBOOK) == list(Rules.__struct_fields__)


def test_the_documentation_shows_the_rulebook():
    page = (ROOT / "docs/simulator.md").read_text()
    for row in listed(Rules()):
        line = f"| `{row['setting']}` | {shown(row['value'])} | {row['confidence']} | "
        assert f"{line}{row['decides']} |" in page, f"docs/simulator.md lacks {line}"


def test_every_option_is_in_the_documentation():
    page = (ROOT / "docs/simulator.md").read_text()
    command = (ROOT / "fleet/cli/sim.py").read_text()
    options = SimSettings.__struct_fields__
    public = [name for name in options if f"{name}:" in command]
    assert len(public) >= 10
    assert not [name for name in public if f"--{name.replace('_', '-')}" not in page]
