"""Which handler answers which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.operations import (
    cargo,
    charting,
    construction,
    contracts,
    fleet,
    mining,
    navigation,
    register,
    shipyard,
    status,
    systems,
    trade,
)

Handler = Callable[[Context], Any]

HANDLERS: Mapping[str, Handler] = {
    "get-status": status.get_status,
    "get-error-codes": status.get_error_codes,
    "get-agents": status.get_agents,
    "get-agent": status.get_agent,
    "get-factions": status.get_factions,
    "get-faction": status.get_faction,
    "get-supply-chain": status.get_supply_chain,
    "get-systems": systems.get_systems,
    "get-system": systems.get_system,
    "get-system-waypoints": systems.get_system_waypoints,
    "get-waypoint": systems.get_waypoint,
    "get-market": systems.get_market,
    "get-shipyard": systems.get_shipyard,
    "get-jump-gate": systems.get_jump_gate,
    "get-construction": systems.get_construction,
    "register": register.register,
    "get-my-account": fleet.get_my_account,
    "get-my-agent": fleet.get_my_agent,
    "get-my-agent-events": fleet.get_my_agent_events,
    "get-my-factions": fleet.get_my_factions,
    "get-my-ships": fleet.get_my_ships,
    "get-my-ship": fleet.get_my_ship,
    "get-my-ship-cargo": fleet.get_my_ship_cargo,
    "get-ship-nav": fleet.get_ship_nav,
    "get-ship-cooldown": fleet.get_ship_cooldown,
    "get-mounts": fleet.get_mounts,
    "get-ship-modules": fleet.get_ship_modules,
    "orbit-ship": navigation.orbit_ship,
    "dock-ship": navigation.dock_ship,
    "navigate-ship": navigation.navigate_ship,
    "patch-ship-nav": navigation.patch_ship_nav,
    "refuel-ship": trade.refuel_ship,
    "purchase-cargo": trade.purchase_cargo,
    "sell-cargo": trade.sell_cargo,
    "jettison": cargo.jettison,
    "transfer-cargo": cargo.transfer_cargo,
    "create-survey": mining.create_survey,
    "extract-resources": mining.extract_resources,
    "extract-resources-with-survey": mining.extract_resources_with_survey,
    "siphon-resources": mining.siphon_resources,
    "create-chart": charting.create_chart,
    "get-contracts": contracts.get_contracts,
    "get-contract": contracts.get_contract,
    "negotiate-contract": contracts.negotiate_contract,
    "accept-contract": contracts.accept_contract,
    "deliver-contract": contracts.deliver_contract,
    "fulfill-contract": contracts.fulfill_contract,
    "supply-construction": construction.supply_construction,
    "purchase-ship": shipyard.purchase_ship,
}
"""Handlers by operation id; what is missing here is answered 501."""
