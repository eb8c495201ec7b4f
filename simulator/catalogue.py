"""The fixed facts of the game: goods, ship types, parts, traits, factions, yields."""

from __future__ import annotations

from importlib import resources
from typing import Any

import msgspec


class Good(msgspec.Struct, frozen=True):
    """A trade good; its base is the neutral price of the price curve in credits."""

    symbol: str
    name: str
    description: str
    category: str
    base: int
    volumes: dict[str, int] = {}
    inputs: tuple[str, ...] = ()


class Requirements(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a part needs of the ship it is built into."""

    power: int | None = None
    crew: int | None = None
    slots: int | None = None


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame, reactor, engine, module or mount, in the API's own field names."""

    symbol: str
    name: str
    description: str
    requirements: Requirements = Requirements()
    quality: int | None = None
    moduleSlots: int | None = None  # noqa: N815 - the API's own name
    mountingPoints: int | None = None  # noqa: N815
    fuelCapacity: int | None = None  # noqa: N815
    powerOutput: int | None = None  # noqa: N815
    speed: int | None = None
    capacity: int | None = None
    range: int | None = None
    strength: int | None = None
    deposits: tuple[str, ...] | None = None
    production: tuple[str, ...] | None = None


class ShipType(msgspec.Struct, frozen=True):
    """A model that shipyards sell; the price is typical, in credits."""

    type: str
    name: str
    description: str
    role: str
    frame: str
    reactor: str
    engine: str
    modules: tuple[str, ...]
    mounts: tuple[str, ...]
    crew_required: int
    crew_capacity: int
    price: int


class Trait(msgspec.Struct, frozen=True):
    """A trait of a waypoint."""

    symbol: str
    name: str
    description: str


class Faction(msgspec.Struct, frozen=True):
    """A faction that agents may join."""

    symbol: str
    name: str
    description: str
    traits: tuple[str, ...]
    isRecruiting: bool  # noqa: N815


class Yields(msgspec.Struct, frozen=True):
    """What can be dug where: weights by deposit trait, and how common the traits are."""

    by_trait: dict[str, dict[str, int]]
    gas_giant: dict[str, int]
    main_traits: dict[str, float]
    extra_traits: dict[str, float]


class Place(msgspec.Struct, frozen=True):
    """A fixed place of a starting system."""

    role: str
    letter: str
    type: str
    traits: tuple[str, ...]
    orbits: str | None = None


class StartingSystem(msgspec.Struct, frozen=True):
    """The layout that every starting system follows."""

    places: tuple[Place, ...]
    radii: dict[str, tuple[float, float]]
    markets: dict[str, tuple[tuple[str, str, int, int], ...]]
    shipyards: dict[str, tuple[str, ...]]
    modifications_fee: int
    construction: dict[str, tuple[int, int]]


class Catalogue:
    """Every fixed fact, by symbol; read once, never changed, safe to share."""

    def __init__(self) -> None:
        self.goods: dict[str, Good] = {good.symbol: good for good in load("goods", list[Good])}
        self.supply_chain: dict[str, list[str]] = load("supply_chain", dict[str, list[str]])
        self.ship_types: dict[str, ShipType] = {
            model.type: model for model in load("ship_types", list[ShipType])
        }
        self.parts: dict[str, Part] = {
            part.symbol: part
            for name in ("frames", "reactors", "engines", "modules", "mounts")
            for part in load(name, list[Part])
        }
        self.traits: dict[str, Trait] = {row.symbol: row for row in load("traits", list[Trait])}
        self.factions: dict[str, Faction] = {
            row.symbol: row for row in load("factions", list[Faction])
        }
        self.yields: Yields = load("asteroid_yields", Yields)
        self.starting_system: StartingSystem = load("starting_system", StartingSystem)
        self.minable: frozenset[str] = frozenset(self.parts["MOUNT_SURVEYOR_III"].deposits or ())


def load(name: str, kind: Any) -> Any:
    """Read one data file of the package."""
    path = resources.files("fleet.simulator").joinpath("data", f"{name}.json")
    return msgspec.json.decode(path.read_bytes(), type=kind)
