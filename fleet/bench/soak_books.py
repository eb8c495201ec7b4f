"""What the database of a soak tells: which ships there are, and who sold something lately."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def sellers(data_dir: Path, game_seconds: float) -> set[str]:
    """Name the ships that sold something in the last game seconds before the newest row.

    To a market, or to whom a contract is with: the hauler that fulfils contracts one after the
    other sells a hold for more than any market pays, and nothing else.
    """
    query = (
        "SELECT DISTINCT ship FROM ledger WHERE operation IN ('sell-cargo', 'fulfill-contract') "
        "AND at >= (SELECT max(at) FROM ledger) - ?"
    )
    return {str(ship) for (ship,) in _rows(data_dir, query, game_seconds)}


def roles(data_dir: Path) -> dict[str, str]:
    """Give the roles of all ships by symbol; one that just hangs has its row all the same."""
    return {
        str(ship): str(role) for ship, role in _rows(data_dir, "SELECT symbol, role FROM ships")
    }


def _rows(data_dir: Path, query: str, *arguments: float) -> list[tuple[object, ...]]:
    address = f"file:{data_dir / 'fleet.sqlite'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return connection.execute(query, arguments).fetchall()
