"""Builds the simulator's data files from the fact tables kept beside the checkout.

Run `python scripts/build_data.py [FACTS] [TARGET]`; without arguments it reads `../shared/data`
and writes `simulator/data`. The results are committed, so that the packages never need the facts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

CATEGORY_TEXT = {
    "raw_mineral": "A mineral as it comes out of the rock.",
    "raw_ore": "Ore of a common metal, waiting for a smelter.",
    "raw_precious_ore": "Ore of a precious metal, waiting for a smelter.",
    "raw_rare_ore": "Ore of a rare and dangerous metal.",
    "raw_gas": "Gas drawn from the clouds of a gas giant.",
    "raw_ice": "Ice cut from asteroids.",
    "metal": "Refined metal in bars.",
    "chemical": "A chemical product for factories.",
    "industrial": "A manufactured part that other factories need.",
    "consumer": "Goods that people buy.",
    "weapon": "Arms for soldiers and guards.",
    "ship_material": "Material that shipyards build with.",
    "advanced": "High technology made in very few places.",
    "rare": "A rarity that few have ever seen.",
    "energy": "Stored energy for drives and gates.",
    "component": "A component that is built into ships.",
    "ship": "A whole ship.",
}

SHIP_TEXT = {
    "SHIP_PROBE": "A crewless scout that needs no fuel and carries nothing.",
    "SHIP_MINING_DRONE": "A crewless drone with a mining laser.",
    "SHIP_SIPHON_DRONE": "A crewless drone that siphons gas giants.",
    "SHIP_INTERCEPTOR": "A small quick fighter.",
    "SHIP_LIGHT_HAULER": "A hauler with a large hold for its price.",
    "SHIP_COMMAND_FRIGATE": "An all-rounder that every agent starts with.",
    "SHIP_EXPLORER": "A long-range ship with a warp drive.",
    "SHIP_HEAVY_FREIGHTER": "A fast freighter with a very large hold.",
    "SHIP_LIGHT_SHUTTLE": "A small carrier for short hops.",
    "SHIP_ORE_HOUND": "A crewed miner with a strong laser.",
    "SHIP_REFINING_FREIGHTER": "A freighter that refines ore under way.",
    "SHIP_SURVEYOR": "A crewless drone that surveys asteroids.",
    "SHIP_BULK_FREIGHTER": "The largest freighter there is.",
}

SYMBOL_NAMES = {"SHIP_SIPHON_DRONE": "Siphon Drone"}


def read(facts: Path, name: str) -> Any:
    """Read one fact table."""
    return json.loads((facts / f"{name}.json").read_text(encoding="utf-8"))


def present(entry: dict[str, Any]) -> dict[str, Any]:
    """Drop what is null: the API leaves such fields out."""
    return {key: value for key, value in entry.items() if value is not None}


def goods(facts: Path) -> list[dict[str, Any]]:
    """Every trade symbol with base price, start volumes by market role and inputs."""
    return [
        present(
            {
                "symbol": good["symbol"],
                "name": good["name"],
                "description": CATEGORY_TEXT[good["category"]],
                "category": good["category"],
                "base": good["base_price"],
                "volumes": good["trade_volume"],
                "inputs": good["inputs"],
            }
        )
        for good in read(facts, "goods")["goods"]
    ]


def supply_chain(facts: Path) -> dict[str, list[str]]:
    """Export to imports, in the order in which the server lists them."""
    chain: dict[str, list[str]] = read(facts, "supply_chain")["exportToImportMap"]
    return chain


def ship_types(facts: Path) -> list[dict[str, Any]]:
    """What shipyards sell, with parts, crew and a typical price."""
    return [
        {
            "type": ship["type"],
            "name": SYMBOL_NAMES.get(ship["type"], ship["name"]),
            "description": SHIP_TEXT[ship["type"]],
            "role": ship["role"],
            "frame": ship["frame"],
            "reactor": ship["reactor"],
            "engine": ship["engine"],
            "modules": ship["modules"],
            "mounts": ship["mounts"],
            "crew_required": ship["crew"]["required"],
            "crew_capacity": ship["crew"]["capacity"],
            "price": ship["price_typical"],
        }
        for ship in read(facts, "ship_types")["ship_types"]
    ]


def parts(facts: Path, name: str) -> list[dict[str, Any]]:
    """Frames, reactors, engines, modules or mounts, in the API's own field names."""
    left_out = {"confidence", "guessed", "production"}
    return [
        present({key: value for key, value in part.items() if key not in left_out})
        | {"requirements": present(part["requirements"])}
        | ({"production": part["production"]} if part.get("production") else {})
        for part in read(facts, name)[name]
    ]


def traits(facts: Path) -> list[dict[str, Any]]:
    """Waypoint traits."""
    return [
        {key: trait[key] for key in ("symbol", "name", "description")}
        for trait in read(facts, "waypoint_traits")["traits"]
    ]


def factions(facts: Path) -> list[dict[str, Any]]:
    """Factions with their traits."""
    keys = ("symbol", "name", "description", "traits", "isRecruiting")
    return [{key: row[key] for key in keys} for row in read(facts, "factions")["factions"]]


def asteroid_yields(facts: Path) -> dict[str, Any]:
    """Goods and weights by deposit trait, gas giants, and how common each trait is."""
    table = read(facts, "asteroid_yields")
    shares = table["asteroid_trait_shares"]
    return {
        "by_trait": {
            trait: row["weights"] or dict.fromkeys(row["goods"], 10)
            for trait, row in table["by_trait"].items()
        },
        "gas_giant": table["gas_giant"]["weights"],
        "main_traits": {
            key: share for key, share in shares.items() if key not in ("source", "extra")
        },
        "extra_traits": shares["extra"],
    }


def starting_system(facts: Path) -> dict[str, Any]:
    """The layout of a starting system: places in order, markets by role, yards, gate materials."""
    example = read(facts, "starting_system_example")
    role_of = {symbol: role for role, symbol in example["roles"].items()}
    places = [
        present(
            {
                "role": role_of[point["symbol"]],
                "letter": letter(point["symbol"]),
                "type": point["type"],
                "orbits": role_of.get(point["orbits"]),
                "traits": point["traits"],
            }
        )
        for point in example["waypoints"]
        if point["symbol"] in role_of
    ]
    return {
        "places": places,
        "radii": RADII,
        "markets": {
            market["role"]: [
                [good["symbol"], good["type"], good["trade_volume"], good["base_price"]]
                for good in market["goods"]
            ]
            for market in example["markets"]
        },
        "shipyards": {
            role_of[yard["waypoint"]]: yard["ship_types"] for yard in example["shipyards"]
        },
        "modifications_fee": example["shipyards"][0]["modificationsFee"],
        "construction": {
            row["tradeSymbol"]: [row["required"], row["fulfilled"]]
            for row in example["construction"]["materials"]
        },
    }


def letter(waypoint: str) -> str:
    """Tell the orbit letter of a waypoint; the engineered asteroid has none of its own."""
    name = waypoint.rpartition("-")[2]
    return "X" if name.startswith("X") else name[0]


RADII = {
    "HQ": [25, 27],
    "ENG_ASTEROID": [27, 29],
    "SMELTER_PLANET": [44, 48],
    "ARMS_PLANET": [55, 57],
    "REFINERY_PLANET": [63, 64],
    "AMMO_PLANET": [75, 77],
    "SHIP_PARTS_PLANET": [84, 87],
    "CONSUMER_PLANET": [103, 107],
    "GAS_GIANT": [152, 157],
    "FUEL_INNER": [188, 192],
    "BASE_INNER": [343, 347],
    "B_ASTEROIDS": [309, 391],
    "JUMP_GATE": [448, 452],
    "FUEL_OUTER": [598, 602],
    "BASE_OUTER": [718, 722],
    "J_ASTEROIDS": [711, 790],
}
"""Distance from the star by role, in the unit of the map; from four real starting systems."""


def build(facts: Path) -> dict[str, Any]:
    """Build every data file: name to content."""
    built = {
        name: parts(facts, name) for name in ("frames", "reactors", "engines", "modules", "mounts")
    }
    return {
        **built,
        "goods": goods(facts),
        "supply_chain": supply_chain(facts),
        "ship_types": ship_types(facts),
        "traits": traits(facts),
        "factions": factions(facts),
        "asteroid_yields": asteroid_yields(facts),
        "starting_system": starting_system(facts),
    }


def render(content: Any) -> str:
    """Render one entry a line, so that a change reads well in a diff."""
    if isinstance(content, list):
        lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in content)
        return f"[\n{lines}\n]\n"
    lines = ",\n".join(
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        for key, value in content.items()
    )
    return f"{{\n{lines}\n}}\n"


def main() -> None:
    """Write the data files."""
    arguments = [Path(argument) for argument in sys.argv[1:]]
    facts = arguments[0] if arguments else ROOT.parent / "shared" / "data"
    target = arguments[1] if len(arguments) > 1 else ROOT / "simulator" / "data"
    for name, content in build(facts).items():
        (target / f"{name}.json").write_text(render(content), encoding="utf-8")
        print(f"{target / name}.json")


if __name__ == "__main__":
    main()
