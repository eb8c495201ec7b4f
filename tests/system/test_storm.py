"""The short form of the soak: a real fleet under every fault there is, for some seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.bench.soak_storm import MIX, Storm

from .figures import exactly
from .fleet_process import FleetProcess
from .patience import CLOCK
from .playing import check_books, finished, requested

Start = Callable[..., FleetProcess]

SECONDS = 5.0
SHIPS = 100


@pytest.fixture
def fleet(fleets: Start, data_dir: Path, tmp_path: Path) -> FleetProcess:
    """A hundred ships at work."""
    summary = ("--summary", str(tmp_path / "summary.json"))
    started = fleets(data_dir, "--scenario", "late", *summary).ready()
    started.eventually(lambda: len(leaves(started)) >= SHIPS, "not all ships are there")
    requested(started, 20)
    return started


def leaves(fleet: FleetProcess) -> list[str]:
    """List the actors that have no children."""
    rows = fleet.call("actors") or []
    parents = {row["parent"] for row in rows}
    return sorted(row["path"] for row in rows if row["path"] not in parents)


def test_a_storm_of_all_faults_costs_no_process_no_row_and_no_credit(
    fleet: FleetProcess, tmp_path: Path
) -> None:
    actors, wait, began = leaves(fleet), threading.Event(), CLOCK.monotonic()
    given = set()
    for blow in Storm(seed=3, seconds=SECONDS, every=1000.0).blows(actors):
        wait.wait(max(0.0, blow.at - (CLOCK.monotonic() - began)))
        assert fleet.call("chaos", **blow.arguments) is not None
        given.add(blow.kind)
    assert given == set(MIX)
    requested(fleet, 20)
    fleet.eventually(
        lambda: all(row["state"] in ("running", "busy") for row in fleet.call("actors")),
        "not everybody runs again",
    )
    told = finished(fleet, tmp_path / "summary.json")
    exactly("process restarts in the storm", told["process_restarts"], 0)
    exactly("audit_difference after the storm", told["audit_difference"], 0)
    check_books(fleet, told)
