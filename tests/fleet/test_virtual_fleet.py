"""A whole run in virtual time: it earns, the books agree, and it can be had again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fleet.host.observe import Observation
from fleet.protocol.fleet import CONDUCTOR, FleetQuery
from fleet.protocol.rows import Flush
from fleet.virtual_fleet import VirtualFleet

HALF_AN_HOUR = 1800.0


@dataclass(frozen=True)
class Played:
    """What became of one run."""

    digest: str
    gain: int
    owed: int
    """Credits in the simulator's books less those in ours."""

    observation: Observation
    tracebacks: int


def play(folder: Path, seconds: float, *, seed: int = 1, latency: float = 0.0) -> Played:
    fleet = VirtualFleet(seed, folder, latency=latency)
    try:
        start = fleet.net_worth()
        fleet.run_for(seconds)
        return Played(
            digest=fleet.digest(),
            gain=fleet.net_worth() - start,
            owed=fleet.credits - fleet.ledger_balance(),
            observation=fleet.observe(),
            tracebacks=fleet.events.tracebacks,
        )
    finally:
        fleet.close()


def test_half_an_hour_earns_with_balanced_books(tmp_path: Path) -> None:
    once = play(tmp_path, HALF_AN_HOUR)
    assert once.gain > 75_000
    assert once.owed == 0
    bucket = once.observation.bucket
    assert bucket is not None
    assert bucket.requests > 250
    assert bucket.outcomes.get("limited", 0) == 0
    assert once.tracebacks == 0


def test_the_same_seed_plays_the_same_run_again(tmp_path: Path) -> None:
    digests = set()
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        digests.add(play(tmp_path / name, 600.0).digest)
    assert len(digests) == 1


def test_another_seed_plays_another_run(tmp_path: Path) -> None:
    digests = set()
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        digests.add(play(tmp_path / str(seed), 120.0, seed=seed).digest)
    assert len(digests) == 2


def test_requests_with_a_long_way_arrive_later_and_are_never_refused_by_the_limiter(
    tmp_path: Path,
) -> None:
    runs = []
    for name, latency in (("quick", 0.0), ("slow", 0.4)):
        (tmp_path / name).mkdir()
        runs.append(play(tmp_path / name, 1200.0, latency=latency).observation.bucket)
    quick, slow = runs
    assert quick is not None
    assert slow is not None
    assert 50 < slow.requests < quick.requests
    assert slow.outcomes.get("limited", 0) == 0


def test_a_closed_fleet_has_written_its_ships_and_leaves_no_actor(tmp_path: Path) -> None:
    fleet = VirtualFleet(3, tmp_path)
    fleet.run_for(60.0)
    ships = {view.ship.symbol for view in fleet.observe().ships}
    fleet.close()
    assert ships >= {"SEED-3-1", "SEED-3-2"}
    assert all(cell.closed for cell in fleet.system.cells())


def test_a_hundred_ships_wait_for_the_whole_map_and_then_all_of_them_work(tmp_path: Path) -> None:
    fleet = VirtualFleet(1, tmp_path, scenario="late", ships=100)
    try:
        fleet.run_for(20.0)
        idle = [view.ship.symbol for view in fleet.observe().ships if not view.behaviour]
        assert idle == []
    finally:
        fleet.close()


def test_an_ask_from_outside_is_answered_at_its_own_time(tmp_path: Path) -> None:
    fleet = VirtualFleet(3, tmp_path)
    try:
        now = fleet.clock.now
        assert fleet.ask("/fleet/writer", Flush()) is True
        fleet.run_for(30.0)
        assert len(fleet.ask(CONDUCTOR, FleetQuery()).ships) >= 2
        assert fleet.clock.now == now + 30.0
    finally:
        fleet.close()
