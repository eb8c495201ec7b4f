"""Requests under way in virtual time: legs, losses and silence as real carriers have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fleet.host.tree import API
from fleet.http_transport import HttpSettings
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import BUCKET, WRITER
from fleet.protocol.metrics import BucketQuery
from fleet.protocol.rows import Flush
from fleet.virtual_faults import strike
from fleet.virtual_fleet import VirtualFleet

LEGS = "latency:request=0..200,reply=50..250"
"""Game milliseconds."""


def fleet_with(folder: Path, *faults: str, latency: float = 0.0) -> VirtualFleet:
    return VirtualFleet(1, folder, scenario="late", ships=20, latency=latency, faults=faults)


def rows(fleet: VirtualFleet) -> Sequence[Any]:
    fleet.ask(WRITER, Flush())
    with fleet.store.reading() as connection:
        return connection.execute(text("SELECT outcome, duration FROM requests")).all()


def test_requests_and_answers_take_their_time_each_their_own(tmp_path: Path) -> None:
    fleet = fleet_with(tmp_path, LEGS, latency=0.1)
    try:
        fleet.run_for(300.0)
        took = [row.duration for row in rows(fleet)]
        assert fleet.ask(BUCKET, BucketQuery()).outcomes.get("limited", 0) == 0
        assert fleet.owed() == 0
    finally:
        fleet.close()
    assert len(took) > 100
    assert 0.15 <= min(took) < 0.25
    assert 0.45 < max(took) < 0.55 + 1e-6


def test_the_same_seed_draws_the_same_ways(tmp_path: Path) -> None:
    digests = set()
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        fleet = fleet_with(tmp_path / name, LEGS, "connection-reset:p=0.05")
        fleet.run_for(120.0)
        digests.add(fleet.digest())
        fleet.close()
    assert len(digests) == 1


def test_who_is_never_answered_waits_as_long_as_over_a_socket(tmp_path: Path) -> None:
    fleet = fleet_with(tmp_path, "half-open:p=0.05,when=after")
    try:
        fleet.run_for(300.0)
        silent = [row.duration for row in rows(fleet) if row.outcome == "unknown"]
        assert fleet.owed() == 0
    finally:
        fleet.close()
    assert len(silent) > 3
    assert all(1.0 <= took <= HttpSettings().read for took in silent)


@pytest.mark.parametrize("kind", ["crash", "hang"])
def test_workers_that_fail_while_answers_are_under_way_lose_no_credits(
    tmp_path: Path, kind: str
) -> None:
    fleet = fleet_with(tmp_path, "latency:request=0..500,reply=0..3000")
    try:
        for number in range(40):
            fleet.run_for(5.0)
            strike(fleet, kind, f"{API}/worker-{1 + number % 4}", seconds=3.0)
        fleet.run_for(300.0)
        assert fleet.ask(BUCKET, BucketQuery()).requests > 100
        assert fleet.owed() == 0
    finally:
        fleet.close()


def test_a_fault_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="latency"):
        fleet_with(tmp_path, "latencies:request=3")
