"""What a fleet has written down, read beside it: ledger, ships, assignments, requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fleet.simulator.opening import make_clock, open_world
from fleet.simulator.settings import SimSettings
from fleet.simulator.sidedoor import books


class Records:
    """The database of a data folder, read only; while the fleet runs as well as after it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "fleet.sqlite"

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Ask for rows."""
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query, values)]

    def one(self, query: str, *values: Any) -> Any:
        """Ask for one value."""
        with self._reading() as connection:
            return connection.execute(query, values).fetchone()[0]

    @property
    def balance(self) -> int:
        """Opening plus all deltas, in credits."""
        return int(self.one("SELECT coalesce(sum(delta), 0) FROM ledger"))

    @property
    def ledger_rows(self) -> int:
        """Rows of the ledger."""
        return int(self.one("SELECT count(*) FROM ledger"))

    @property
    def agents(self) -> set[str]:
        """Call signs that the fleet has ever played."""
        return {row["agent_symbol"] for row in self.rows("SELECT agent_symbol FROM namespaces")}

    @property
    def ships(self) -> set[str]:
        """Ships that were written down."""
        return {row["symbol"] for row in self.rows("SELECT symbol FROM ships")}

    @property
    def assignments(self) -> dict[str, str]:
        """Behaviour by ship."""
        rows = self.rows("SELECT ship, behaviour FROM assignments")
        return {row["ship"]: row["behaviour"] for row in rows}

    @property
    def reconciled(self) -> int:
        """Rows that only say that something was missed."""
        return int(self.one("SELECT count(*) FROM ledger WHERE kind = 'reconciled'"))

    def requests(self, since: float = 0.0) -> list[dict[str, Any]]:
        """All requests sent since a game time, in the order of sending."""
        return self.rows("SELECT * FROM requests WHERE sent_at > ? ORDER BY sent_at", since)

    def bought(self) -> int:
        """Ships bought, as the ledger has it."""
        return int(self.one("SELECT count(*) FROM ledger WHERE operation = 'purchase-ship'"))


def stored_books(data_dir: Path, agent: str) -> dict[str, Any]:
    """Read the simulator's own books out of the world of a stopped fleet."""
    settings = SimSettings(data_dir=data_dir / "universe")
    opened = open_world(settings, make_clock(settings))
    try:
        world = opened.simulator.world
        return books(world, world.agents[agent])
    finally:
        opened.keeper.close()
