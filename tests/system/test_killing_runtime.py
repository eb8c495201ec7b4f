from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .figures import exactly
from .fleet_process import FleetProcess, times
from .playing import check_books, finished, requested
from .records import Records

Start = Callable[..., FleetProcess]

KILLS = times(2, 20)
MOST_SHIPS = 5


def at_the_worst_moment(fleet: FleetProcess, kind: str) -> None:
    """Wait until the server has just done something that the runtime may not know yet."""
    before = fleet.books()

    def moved() -> bool:
        now = fleet.books()
        bought = len(now["ships"]) > len(before["ships"])
        trades = now["transactions"] - before["transactions"]
        # A fleet that has no money for a ship trades on.
        return bought or trades >= (1 if kind == "trade" else 4)

    fleet.eventually(moved, "the server did nothing")


@pytest.mark.timeout(60 + 30 * KILLS)
def test_a_runtime_that_is_killed_again_and_again_loses_and_doubles_nothing(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    fleet = fleets(data_dir, "--ships", str(MOST_SHIPS), "--summary", str(summary)).ready()
    for number in range(KILLS):
        at_the_worst_moment(fleet, "ship" if number % 2 == 0 else "trade")
        place = fleet.kill("runtime")
        exited = fleet.until("process.exited", since=place, child="runtime")
        assert exited["signal"] == 9
        fleet.until("process.ready", since=place, child="runtime")
    requested(fleet)
    told = finished(fleet, summary)
    assert told["process_restarts"] == KILLS
    assert told["tracebacks"] == 0
    assert told["ships"] <= MOST_SHIPS
    check_books(fleet, told)
    exactly(f"audit_difference after {KILLS} kills", told["audit_difference"], 0)
    assert len(Records(data_dir).agents) == 1
