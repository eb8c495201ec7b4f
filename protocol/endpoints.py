"""Every operation of the API as one table: client, simulator and command line read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.protocol.endpoint import Auth, Endpoint
from fleet.protocol.wire.agent import AccountShown, Agent, AgentEvent, PublicAgent, Reputation
from fleet.protocol.wire.bodies import (
    Destination,
    Fitting,
    Goods,
    Handover,
    NavChange,
    Refining,
    Refuelling,
    Registering,
    ShipOrder,
    Transfer,
)
from fleet.protocol.wire.contract import Contract, Survey
from fleet.protocol.wire.faction import Faction
from fleet.protocol.wire.market import Market, ShipPurchased, Shipyard, SupplyChain
from fleet.protocol.wire.place import Construction, JumpGate, System, Waypoint
from fleet.protocol.wire.replies import (
    Charted,
    ContractOffered,
    ContractSigned,
    Delivered,
    Extracted,
    Hold,
    Jumped,
    ModulesChanged,
    MountsChanged,
    Moved,
    Navigated,
    Quote,
    Refined,
    Refuelled,
    Registered,
    Repaired,
    Scrapped,
    Siphoned,
    Supplied,
    Surveyed,
    Traded,
)
from fleet.protocol.wire.scan import ShipsScanned, SystemsScanned, WaypointsScanned
from fleet.protocol.wire.ship import Cargo, Cooldown, Module, Mount, Nav, Ship
from fleet.protocol.wire.status import ErrorCodes, Status

__all__ = ["BY_OPERATION", "ENDPOINTS", "Auth", "Endpoint"]

SHIP = "/my/ships/{shipSymbol}"
CONTRACT = "/my/contracts/{contractId}"
WAYPOINT = "/systems/{systemSymbol}/waypoints/{waypointSymbol}"


def _look(operation: str, path: str, act: str, reply: Any, **more: Any) -> Endpoint:
    """Everybody may read it."""
    return Endpoint(operation, "GET", path, Auth.NONE, 200, act, reply, **more)


def _mine(operation: str, path: str, act: str, reply: Any, **more: Any) -> Endpoint:
    """Its agent may read it."""
    return Endpoint(operation, "GET", path, Auth.AGENT, 200, act, reply, **more)


def _act(operation: str, path: str, act: str, reply: Any, ok: int = 201, **more: Any) -> Endpoint:
    """Its agent may do it."""
    return Endpoint(operation, "POST", path, Auth.AGENT, ok, act, reply, **more)


ENDPOINTS: tuple[Endpoint, ...] = (
    _look("get-status", "/", "read status", Status, wrapped=False),
    _look("get-agents", "/agents", "read agent", tuple[PublicAgent, ...], paged=True),
    _look("get-agent", "/agents/{agentSymbol}", "read agent", PublicAgent),
    _look("get-error-codes", "/error-codes", "read error-code", ErrorCodes, wrapped=False),
    _look("get-factions", "/factions", "read faction", tuple[Faction, ...], paged=True),
    _look("get-faction", "/factions/{factionSymbol}", "read faction", Faction),
    _mine("get-supply-chain", "/market/supply-chain", "read supply-chain", SupplyChain),
    _mine("get-my-account", "/my/account", "read account", AccountShown),
    _mine("get-my-agent", "/my/agent", "read my-agent", Agent),
    _mine("get-my-agent-events", "/my/agent/events", "read event", tuple[AgentEvent, ...]),
    _mine("get-contracts", "/my/contracts", "read contract", tuple[Contract, ...], paged=True),
    _mine("get-contract", CONTRACT, "read contract", Contract),
    _act("accept-contract", f"{CONTRACT}/accept", "create acceptance", ContractSigned, ok=200),
    _act(
        "deliver-contract",
        f"{CONTRACT}/deliver",
        "create delivery",
        Delivered,
        ok=200,
        body=Handover,
    ),
    _act("fulfill-contract", f"{CONTRACT}/fulfill", "create fulfilment", ContractSigned, ok=200),
    _mine("get-my-factions", "/my/factions", "read reputation", tuple[Reputation, ...], paged=True),
    _mine("get-my-ships", "/my/ships", "read ship", tuple[Ship, ...], paged=True),
    _act("purchase-ship", "/my/ships", "create ship", ShipPurchased, body=ShipOrder),
    _mine("get-my-ship", SHIP, "read ship", Ship),
    _mine("get-my-ship-cargo", f"{SHIP}/cargo", "read cargo", Cargo),
    _act("create-chart", f"{SHIP}/chart", "create chart", Charted),
    _mine("get-ship-cooldown", f"{SHIP}/cooldown", "read cooldown", Cooldown),
    _act("dock-ship", f"{SHIP}/dock", "create docking", Moved, ok=200),
    _act("extract-resources", f"{SHIP}/extract", "create extraction", Extracted),
    _act(
        "extract-resources-with-survey",
        f"{SHIP}/extract/survey",
        "create surveyed-extraction",
        Extracted,
        body=Survey,
    ),
    _act("jettison", f"{SHIP}/jettison", "rm cargo", Hold, ok=200, body=Goods),
    _act("jump-ship", f"{SHIP}/jump", "create jump", Jumped, ok=200, body=Destination),
    _mine("get-ship-modules", f"{SHIP}/modules", "read module", tuple[Module, ...]),
    _act(
        "install-ship-module",
        f"{SHIP}/modules/install",
        "create module",
        ModulesChanged,
        body=Fitting,
    ),
    _act("remove-ship-module", f"{SHIP}/modules/remove", "rm module", ModulesChanged, body=Fitting),
    _mine("get-mounts", f"{SHIP}/mounts", "read mount", tuple[Mount, ...]),
    _act("install-mount", f"{SHIP}/mounts/install", "create mount", MountsChanged, body=Fitting),
    _act("remove-mount", f"{SHIP}/mounts/remove", "rm mount", MountsChanged, body=Fitting),
    _mine("get-ship-nav", f"{SHIP}/nav", "read nav", Nav),
    Endpoint(
        "patch-ship-nav",
        "PATCH",
        f"{SHIP}/nav",
        Auth.AGENT,
        200,
        "update nav",
        Navigated,
        body=NavChange,
    ),
    _act("navigate-ship", f"{SHIP}/navigate", "create flight", Navigated, ok=200, body=Destination),
    _act("negotiate-contract", f"{SHIP}/negotiate/contract", "create contract", ContractOffered),
    _act("orbit-ship", f"{SHIP}/orbit", "create orbit", Moved, ok=200),
    _act("purchase-cargo", f"{SHIP}/purchase", "create purchase", Traded, body=Goods),
    _act("ship-refine", f"{SHIP}/refine", "create refinement", Refined, body=Refining),
    _act("refuel-ship", f"{SHIP}/refuel", "update fuel", Refuelled, ok=200, body=Refuelling),
    _mine("get-repair-ship", f"{SHIP}/repair", "read repair", Quote),
    _act("repair-ship", f"{SHIP}/repair", "create repair", Repaired, ok=200),
    _act("create-ship-ship-scan", f"{SHIP}/scan/ships", "create ship-scan", ShipsScanned),
    _act("create-ship-system-scan", f"{SHIP}/scan/systems", "create system-scan", SystemsScanned),
    _act(
        "create-ship-waypoint-scan",
        f"{SHIP}/scan/waypoints",
        "create waypoint-scan",
        WaypointsScanned,
    ),
    _mine("get-scrap-ship", f"{SHIP}/scrap", "read scrap", Quote),
    _act("scrap-ship", f"{SHIP}/scrap", "rm ship", Scrapped, ok=200),
    _act("sell-cargo", f"{SHIP}/sell", "create sale", Traded, body=Goods),
    _act("siphon-resources", f"{SHIP}/siphon", "create siphoning", Siphoned),
    _act("create-survey", f"{SHIP}/survey", "create survey", Surveyed),
    _act("transfer-cargo", f"{SHIP}/transfer", "create transfer", Hold, ok=200, body=Transfer),
    _act("warp-ship", f"{SHIP}/warp", "create warp", Navigated, ok=200, body=Destination),
    _mine("websocket-departure-events", "/my/socket.io", "read departure", Any),
    Endpoint(
        "register",
        "POST",
        "/register",
        Auth.ACCOUNT,
        201,
        "create agent",
        Registered,
        body=Registering,
    ),
    _look("get-systems", "/systems", "read system", tuple[System, ...], paged=True),
    _look("get-system", "/systems/{systemSymbol}", "read system", System),
    _look(
        "get-system-waypoints",
        "/systems/{systemSymbol}/waypoints",
        "read waypoint",
        tuple[Waypoint, ...],
        query=("type", "traits"),
        paged=True,
    ),
    _look("get-waypoint", WAYPOINT, "read waypoint", Waypoint),
    _look("get-construction", f"{WAYPOINT}/construction", "read construction", Construction),
    _act(
        "supply-construction",
        f"{WAYPOINT}/construction/supply",
        "update construction",
        Supplied,
        body=Handover,
    ),
    _look("get-jump-gate", f"{WAYPOINT}/jump-gate", "read jump-gate", JumpGate),
    _look("get-market", f"{WAYPOINT}/market", "read market", Market),
    _look("get-shipyard", f"{WAYPOINT}/shipyard", "read shipyard", Shipyard),
)
"""All operations of the server's own specification, by path and method."""

BY_OPERATION: Mapping[str, Endpoint] = {row.operation: row for row in ENDPOINTS}
