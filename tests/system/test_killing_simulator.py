from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .figures import exactly, within
from .fleet_process import FleetProcess, times
from .patience import CLOCK, eventually
from .playing import check_books, finished, requested, traded
from .records import Records

Start = Callable[..., FleetProcess]

BACK = 30.0
"""Wall seconds from a kill to answers: start, backoff and the breaker's patience."""


def test_a_killed_simulator_comes_back_on_its_port_and_the_fleet_goes_on(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    fleet = traded(fleets(data_dir, "--summary", str(summary)))
    url, runtime = fleet.base_url, fleet.pid("runtime")
    for _ in range(times(2, 5)):
        began = CLOCK.monotonic()
        place = fleet.kill("simulator")
        ready = fleet.until("process.ready", since=place, child="simulator")
        assert ready["info"]["url"] == url
        requested(fleet)
        within("simulator killed, requests answered again after", CLOCK.monotonic() - began, BACK)
    assert fleet.pid("runtime") == runtime
    eventually(
        lambda: all(lost["read_back"] for lost in unknown_acts(data_dir)),
        lambda: f"not read back: {unknown_acts(data_dir)}",
    )
    told = finished(fleet, summary)
    assert told["process_restarts"] == 0
    assert told["tracebacks"] == 0
    check_books(fleet, told)
    exactly("audit_difference after the simulator's kills", told["audit_difference"], 0)
    for lost in unknown_acts(data_dir):
        assert lost["read_back"], lost


def unknown_acts(data_dir: Path) -> list[dict[str, Any]]:
    """List acts of ships that got no answer, and whether the ship was read back after each."""
    rows = Records(data_dir).rows("SELECT * FROM requests WHERE ship IS NOT NULL")
    # Not by time: the game's clock waits for the server's to catch up after an outage.
    rows.sort(key=lambda row: int(row["id"].split("-")[1]))
    return [
        row | {"read_back": any(is_reading(later, row["ship"]) for later in rows[place + 1 :])}
        for place, row in enumerate(rows)
        if row["outcome"] == "unknown" and not row["operation"].startswith("get-")
    ]


def is_reading(row: dict[str, Any], ship: str) -> bool:
    """Whether a ship was read, and the answer came."""
    read = row["operation"] == "get-my-ship" and row["outcome"] == "reply"
    return bool(read and row["ship"] == ship)
