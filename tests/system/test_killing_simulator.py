from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .fleet_process import FleetProcess, times
from .playing import check_books, finished, requested, traded
from .records import Records

Start = Callable[..., FleetProcess]


def test_a_killed_simulator_comes_back_on_its_port_and_the_fleet_goes_on(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    fleet = traded(fleets(data_dir, "--summary", str(summary)))
    url, runtime = fleet.base_url, fleet.pid("runtime")
    for _ in range(times(2, 10)):
        place = fleet.kill("simulator")
        ready = fleet.until("process.ready", since=place, child="simulator")
        assert ready["info"]["url"] == url
        requested(fleet)
    assert fleet.pid("runtime") == runtime
    told = finished(fleet, summary)
    assert told["process_restarts"] == 0
    assert told["tracebacks"] == 0
    check_books(fleet, told)
    unknown = Records(data_dir).rows(
        "SELECT ship, number FROM (SELECT ship, sent_at AS number FROM requests"
        " WHERE outcome = 'unknown' AND ship IS NOT NULL)"
    )
    for lost in unknown:
        read_back = Records(data_dir).one(
            "SELECT count(*) FROM requests WHERE ship = ? AND operation = 'get-my-ship'"
            " AND sent_at > ?",
            lost["ship"],
            lost["number"],
        )
        assert read_back
