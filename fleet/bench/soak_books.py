"""What the ledger of a soak tells: who sold something lately."""

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
    address = f"file:{data_dir / 'fleet.sqlite'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return {str(ship) for (ship,) in connection.execute(query, (game_seconds,))}
