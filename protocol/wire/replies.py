"""The `data` of each operation's reply, by operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fleet.protocol.wire.contract import Contract, Survey
from fleet.protocol.wire.market import (
    Agent,
    Market,
    ShipPurchased,
    Shipyard,
    Transaction,
)
from fleet.protocol.wire.place import System, Waypoint
from fleet.protocol.wire.ship import Cargo, Cooldown, Fuel, Nav, Ship, Wire


class Moved(Wire, frozen=True, kw_only=True):
    """Reply of orbit and dock."""

    nav: Nav


class Navigated(Wire, frozen=True, kw_only=True):
    """Reply of navigate and of setting the flight mode."""

    nav: Nav
    fuel: Fuel


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


class Extraction(msgspec.Struct, frozen=True, rename={"yield_": "yield", "ship": "shipSymbol"}):
    """One extraction or siphoning."""

    ship: str
    yield_: ExtractionYield


class Extracted(Wire, frozen=True, kw_only=True):
    """Reply of extract, with or without survey."""

    extraction: Extraction
    cooldown: Cooldown
    cargo: Cargo


class Siphoned(Wire, frozen=True, kw_only=True):
    """Reply of siphon."""

    siphon: Extraction
    cooldown: Cooldown
    cargo: Cargo


class Surveyed(Wire, frozen=True, kw_only=True):
    """Reply of survey."""

    cooldown: Cooldown
    surveys: tuple[Survey, ...]


class Hold(Wire, frozen=True, kw_only=True):
    """Reply of jettison and transfer: the giver's hold."""

    cargo: Cargo


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


class Registered(Wire, frozen=True, kw_only=True):
    """Reply of register."""

    token: str
    agent: Agent


REPLIES: Mapping[str, Any] = {
    "accept-contract": ContractSigned,
    "create-survey": Surveyed,
    "deliver-contract": Delivered,
    "dock-ship": Moved,
    "extract-resources": Extracted,
    "extract-resources-with-survey": Extracted,
    "fulfill-contract": ContractSigned,
    "get-contract": Contract,
    "get-contracts": tuple[Contract, ...],
    "get-market": Market,
    "get-my-agent": Agent,
    "get-my-ship": Ship,
    "get-my-ships": tuple[Ship, ...],
    "get-shipyard": Shipyard,
    "get-system": System,
    "get-system-waypoints": tuple[Waypoint, ...],
    "get-waypoint": Waypoint,
    "jettison": Hold,
    "navigate-ship": Navigated,
    "negotiate-contract": ContractOffered,
    "orbit-ship": Moved,
    "patch-ship-nav": Navigated,
    "purchase-cargo": Traded,
    "purchase-ship": ShipPurchased,
    "refuel-ship": Refuelled,
    "register": Registered,
    "sell-cargo": Traded,
    "siphon-resources": Siphoned,
    "transfer-cargo": Hold,
}
"""Operations that are not listed are handed on as plain JSON."""


def decode(operation: str, data: Any) -> Any:
    """Turn a reply's `data` into its model. Raises msgspec.ValidationError."""
    model = REPLIES.get(operation)
    return data if model is None else msgspec.convert(data, model)
