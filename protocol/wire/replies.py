"""The `data` of replies that are about more than one thing."""

from __future__ import annotations

from msgspec import field

from fleet.protocol.wire.agent import Agent
from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.contract import Contract, Survey
from fleet.protocol.wire.faction import Faction
from fleet.protocol.wire.market import Symbol, Transaction
from fleet.protocol.wire.place import Chart, Construction, Waypoint
from fleet.protocol.wire.ship import (
    Cargo,
    ConditionEvent,
    Cooldown,
    Fuel,
    Module,
    Mount,
    Nav,
    Ship,
)


class Moved(Wire, frozen=True, kw_only=True):
    """Reply of orbit and dock."""

    nav: Nav


class Navigated(Wire, frozen=True, kw_only=True):
    """Reply of navigate, warp and of setting the flight mode."""

    nav: Nav
    fuel: Fuel
    events: tuple[ConditionEvent, ...] = ()


class Jumped(Wire, frozen=True, kw_only=True):
    """Reply of jump."""

    nav: Nav
    cooldown: Cooldown
    transaction: Transaction
    agent: Agent


class Refuelled(Wire, frozen=True, kw_only=True):
    """Reply of refuel."""

    agent: Agent
    fuel: Fuel
    transaction: Transaction
    cargo: Cargo | None = None


class Traded(Wire, frozen=True, kw_only=True):
    """Reply of purchase and sell."""

    agent: Agent
    cargo: Cargo
    transaction: Transaction


class ExtractionYield(Wire, frozen=True, kw_only=True):
    """What was dug out."""

    symbol: str
    units: int


class Extraction(Wire, frozen=True, kw_only=True):
    """One extraction or siphoning."""

    ship: str = field(name="shipSymbol")
    yield_: ExtractionYield = field(name="yield")


class Extracted(Wire, frozen=True, kw_only=True):
    """Reply of extract, with or without survey."""

    extraction: Extraction
    cooldown: Cooldown
    cargo: Cargo
    modifiers: tuple[Symbol, ...] | None = None
    events: tuple[ConditionEvent, ...] = ()


class Siphoned(Wire, frozen=True, kw_only=True):
    """Reply of siphon."""

    siphon: Extraction
    cooldown: Cooldown
    cargo: Cargo
    events: tuple[ConditionEvent, ...] = ()


class Surveyed(Wire, frozen=True, kw_only=True):
    """Reply of survey."""

    cooldown: Cooldown
    surveys: tuple[Survey, ...]


class GoodUnits(Wire, frozen=True, kw_only=True):
    """Some units of one good, as refining tells."""

    trade_symbol: str
    units: int


class Refined(Wire, frozen=True, kw_only=True):
    """Reply of refine."""

    cargo: Cargo
    cooldown: Cooldown
    produced: tuple[GoodUnits, ...] = ()
    consumed: tuple[GoodUnits, ...] = ()


class Hold(Wire, frozen=True, kw_only=True):
    """Reply of jettison and transfer: the giver's hold, and the receiver's."""

    cargo: Cargo
    target_cargo: Cargo | None = None


class ContractSigned(Wire, frozen=True, kw_only=True):
    """Reply of accept and fulfil."""

    agent: Agent
    contract: Contract


class ContractOffered(Wire, frozen=True, kw_only=True):
    """Reply of negotiate."""

    contract: Contract


class Delivered(Wire, frozen=True, kw_only=True):
    """Reply of deliver."""

    contract: Contract
    cargo: Cargo


class Supplied(Wire, frozen=True, kw_only=True):
    """Reply of supplying a construction site."""

    construction: Construction
    cargo: Cargo


class Service(Wire, frozen=True, kw_only=True):
    """What a chart paid, or what repairing, scrapping or refitting cost; credits."""

    waypoint_symbol: str
    ship_symbol: str
    total_price: int
    timestamp: str


class Refit(Service, frozen=True, kw_only=True):
    """What fitting or removing a mount or module cost."""

    trade_symbol: str


class Charted(Wire, frozen=True, kw_only=True):
    """Reply of chart."""

    chart: Chart
    waypoint: Waypoint
    transaction: Service | None = None
    agent: Agent | None = None


class MountsChanged(Wire, frozen=True, kw_only=True):
    """Reply of installing or removing a mount."""

    agent: Agent
    mounts: tuple[Mount, ...]
    cargo: Cargo
    transaction: Refit


class ModulesChanged(Wire, frozen=True, kw_only=True):
    """Reply of installing or removing a module."""

    agent: Agent
    modules: tuple[Module, ...]
    cargo: Cargo
    transaction: Refit


class Quote(Wire, frozen=True, kw_only=True):
    """What repairing would cost or scrapping would pay."""

    transaction: Service


class Repaired(Wire, frozen=True, kw_only=True):
    """Reply of repair."""

    agent: Agent
    ship: Ship
    transaction: Service


class Scrapped(Wire, frozen=True, kw_only=True):
    """Reply of scrap."""

    agent: Agent
    transaction: Service


class Registered(Wire, frozen=True, kw_only=True):
    """Reply of register. One document names `ship`, the server's own `ships`."""

    token: str
    agent: Agent
    faction: Faction | None = None
    contract: Contract | None = None
    ship: Ship | None = None
    ships: tuple[Ship, ...] = ()
