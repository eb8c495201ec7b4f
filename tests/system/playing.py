"""What several tests wait for in a fleet, and what must be so at the end of each."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from .fleet_process import FleetProcess
from .records import Records, stored_books


def traded(fleet: FleetProcess, times: int = 1) -> FleetProcess:
    """Wait until the ledger has grown, so that there is something to lose."""
    fleet.ready()
    records = Records(fleet.data_dir)

    def grown() -> bool:
        return records.ledger_rows >= before + times

    before = records.ledger_rows
    fleet.eventually(grown, "nothing was traded")
    return fleet


def requested(fleet: FleetProcess, times: int = 5) -> None:
    """Wait until so many more requests were answered."""
    records = Records(fleet.data_dir)

    def answered() -> int:
        return int(records.one("SELECT count(*) FROM requests WHERE outcome = 'reply'"))

    before = answered()
    fleet.eventually(lambda: answered() >= before + times, "no request was answered")


def books_agree(fleet: FleetProcess) -> bool:
    """Whether the ledger of a stopped fleet is the simulator's own, to the credit."""
    balance = Records(fleet.data_dir).balance
    return balance == stored_books(fleet.data_dir, fleet.agent)["credits"]


def finished(fleet: FleetProcess, summary: Path) -> dict[str, Any]:
    """Stop a fleet that was started with a summary; tell the summary."""
    fleet.process.send_signal(signal.SIGTERM)
    assert fleet.wait() == 0
    told: dict[str, Any] = json.loads(summary.read_text())
    return told


def check_books(fleet: FleetProcess, told: dict[str, Any]) -> None:
    """See that nothing is missing, nothing is there twice, and nobody is left."""
    records = Records(fleet.data_dir)
    books = stored_books(fleet.data_dir, fleet.agent)
    assert told["audit_difference"] == 0
    assert records.balance == books["credits"]
    moved = records.one("SELECT count(*) FROM ledger WHERE kind = 'request' AND delta != 0")
    # What the server did and nobody heard of is in a reconciled row, and nowhere else.
    if not records.reconciled:
        assert moved == books["transactions"]
    assert moved <= books["transactions"]
    assert records.ships == {ship["symbol"] for ship in books["ships"]}
    assert fleet.left() == []
