"""Every table of the fleet's database, by theme: the door through which others import them."""

from __future__ import annotations

from sqlalchemy import Table

from fleet.storage.columns import METADATA, Kind
from fleet.storage.tables_fleet import (
    AGENTS,
    ALERTS,
    ASSIGNMENTS,
    CONTRACTS,
    EXPERIMENTS,
    RESERVATIONS,
    SHIP_CARGO,
    SHIP_PARTS,
    SHIPS,
)
from fleet.storage.tables_records import (
    EVENTS,
    EXTRACTIONS,
    LEDGER,
    METRICS_MINUTE,
    REQUESTS,
    TRANSACTIONS,
)
from fleet.storage.tables_service import (
    EXPERIMENT_RUNS,
    NAMESPACES,
    PROCESS_EPOCHS,
    SHIP_IDS,
    WRITER_LEASE,
)
from fleet.storage.tables_universe import (
    CONSTRUCTION,
    JUMP_GATES,
    MARKETS,
    PRICE_HISTORY,
    SHIPYARD_PRICES,
    SHIPYARDS,
    SURVEYS,
    SYSTEMS,
    TRADE_GOODS,
    WAYPOINTS,
)

__all__ = [
    "AGENTS",
    "ALERTS",
    "ASSIGNMENTS",
    "CONSTRUCTION",
    "CONTRACTS",
    "EVENTS",
    "EXPERIMENTS",
    "EXPERIMENT_RUNS",
    "EXTRACTIONS",
    "JUMP_GATES",
    "LEDGER",
    "MARKETS",
    "METADATA",
    "METRICS_MINUTE",
    "NAMESPACES",
    "PRICE_HISTORY",
    "PROCESS_EPOCHS",
    "REQUESTS",
    "RESERVATIONS",
    "SHIPS",
    "SHIPYARDS",
    "SHIPYARD_PRICES",
    "SHIP_CARGO",
    "SHIP_IDS",
    "SHIP_PARTS",
    "SURVEYS",
    "SYSTEMS",
    "TRADE_GOODS",
    "TRANSACTIONS",
    "WAYPOINTS",
    "WRITER_LEASE",
    "children",
    "kind",
]


def kind(table: Table) -> Kind:
    """Tell how rows reach this table."""
    found: Kind = table.info["kind"]
    return found


def children(table: Table) -> tuple[Table, ...]:
    """Name the state tables whose rows go when their row of this table goes.

    Their keys begin with the parent's key, so a parent's key finds them.
    """
    return tuple(
        other
        for other in METADATA.sorted_tables
        if kind(other) is Kind.STATE
        and any(key.column.table is table for key in other.foreign_keys)
    )
