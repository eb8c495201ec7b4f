"""A real fleet on PostgreSQL: it plays, loses its runtime and its database, and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.bench.storage_server import PostgresqlServer, make_database

from .fleet_process import FleetProcess
from .playing import finished

Start = Callable[..., FleetProcess]


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of one's own, whose commits outlive its death."""
    made = PostgresqlServer(settings=("fsync=off",))
    made.start()
    yield made
    made.remove()


def answered(fleet: FleetProcess, times: int = 5) -> None:
    """Wait until so many more requests were answered."""
    before = fleet.status()["requests"]["total"]
    fleet.eventually(
        lambda: fleet.status()["requests"]["total"] >= before + times, "no request was answered"
    )


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_fleet_on_postgresql_outlives_its_runtime_and_its_database(
    fleets: Start, data_dir: Path, tmp_path: Path, server: PostgresqlServer
) -> None:
    summary = tmp_path / "summary.json"
    url = make_database(server.url, "fleet")
    fleet = fleets(data_dir, "--database", url, "--summary", str(summary)).ready()
    answered(fleet)
    place = fleet.kill("runtime")
    fleet.until("process.ready", since=place, child="runtime")
    server.kill()
    fleet.until("database.failed", since=place)
    answered(fleet)
    server.start()
    fleet.until("database.recovered", since=place)

    server.kill()
    place = fleet.kill("runtime")
    waiting = fleet.until("process.ready", since=place, child="runtime")
    assert waiting["level"] == "warning"
    assert "The database" in waiting["info"]["waits_for"]
    server.start()
    fleet.until("fleet.started", since=place)
    answered(fleet)
    told = finished(fleet, summary)
    assert told["process_restarts"] == 2
    assert told["audit_difference"] == 0
    assert told["cargo_differences"] == 0
    assert not list(data_dir.glob("fleet.sqlite*"))
