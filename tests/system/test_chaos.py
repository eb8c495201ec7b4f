from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.protocol.clock import from_iso

from .figures import exactly, within
from .fleet_process import LONG, FleetProcess, times
from .patience import CLOCK, PATIENCE
from .playing import check_books, finished, requested
from .records import Records

Start = Callable[..., FleetProcess]

BUDGET = 2.0
"""Wall seconds that one message may take; short, so that a hang costs little time."""

REPLACED_WITHIN = BUDGET + (1.0 if LONG else 10.0)
"""Wall seconds from the begin of a hang to the replacement."""

SHIPS = 100
KINDS = ("ship", "conductor", "treasury", "market", "bucket", "worker", "writer")

SERVANTS = (
    "/fleet/api/worker-1",
    "/fleet/bucket",
    "/fleet/conductor",
    "/fleet/writer",
    "/fleet/treasury",
    "/fleet/book",
)
"""Actors that all ships share."""


@pytest.fixture
def fleet(fleets: Start, data_dir: Path, tmp_path: Path) -> FleetProcess:
    """A hundred ships at work."""
    budgets = [word for kind in KINDS for word in ("--budgets", f"{kind}={BUDGET}")]
    summary = ("--summary", str(tmp_path / "summary.json"))
    started = fleets(data_dir, "--scenario", "late", *budgets, *summary).ready()
    started.eventually(lambda: len(ships(started)) >= SHIPS, "not all ships are there")
    requested(started, 20)
    return started


def ships(fleet: FleetProcess) -> list[str]:
    """List the actors of ships."""
    paths = (actor["path"] for actor in fleet.call("actors") or ())
    return [path for path in paths if path.startswith("/fleet/ships/")]


def replaced(fleet: FleetProcess, path: str, place: int) -> dict[str, Any]:
    """Wait until an actor runs again; tells the event."""
    supervisor, child = path.rsplit("/", 1)
    return fleet.until("actor.restarted", since=place, actor=supervisor, child=child)


def end_well(fleet: FleetProcess, tmp_path: Path) -> None:
    """Stop it and see that nothing was lost."""
    told = finished(fleet, tmp_path / "summary.json")
    exactly("tracebacks", told["tracebacks"], 0)
    exactly("audit_difference", told["audit_difference"], 0)
    assert told["process_restarts"] == 0
    assert told["survivors"] == []
    check_books(fleet, told)


def test_a_hung_ship_is_replaced_in_time_and_finishes_its_task_while_others_fly_on(
    fleet: FleetProcess, tmp_path: Path
) -> None:
    records = Records(fleet.data_dir)
    # A task that ends by itself, so that its end can be waited for; not that of a ship which sets
    # out first: one that drifts to its asteroid is on its way for two hours of the game.
    wanted = "SELECT ship FROM requests WHERE operation = 'extract-resources' AND status = 201"
    found = fleet.eventually(lambda: records.rows(wanted), "no ship digs")
    ship = str(found[0]["ship"])
    began = CLOCK.monotonic()
    place = fleet.chaos("hang", f"/fleet/ships/{ship}")
    again = replaced(fleet, f"/fleet/ships/{ship}", place)
    within("hung ship replaced after", CLOCK.monotonic() - began, REPLACED_WITHIN)
    hung = fleet.until("actor.hung", since=place, actor=f"/fleet/ships/{ship}")
    # It digs until its hold is full: minutes of the game, which a busy machine plays slowly.
    fleet.until(
        "task.ended", since=place, timeout=3 * PATIENCE, ship=ship, behaviour="mine_and_sell"
    )
    hang_from = from_iso(hung["game"]) - 60 * BUDGET
    others = [
        request
        for request in records.requests(hang_from)
        if request["ship"] != ship and request["sent_at"] < from_iso(again["game"])
    ]
    assert len({request["ship"] for request in others}) > 5
    end_well(fleet, tmp_path)


def test_crashed_servants_are_replaced_and_all_goes_on(fleet: FleetProcess, tmp_path: Path) -> None:
    for path in SERVANTS * times(1, 4):
        place = fleet.chaos("crash", path)
        replaced(fleet, path, place)
        requested(fleet, 10)
    end_well(fleet, tmp_path)


def test_hung_servants_are_replaced_in_time_and_all_goes_on(
    fleet: FleetProcess, tmp_path: Path
) -> None:
    for path in SERVANTS:
        began = CLOCK.monotonic()
        place = fleet.chaos("hang", path)
        replaced(fleet, path, place)
        within(f"hung {path} replaced after", CLOCK.monotonic() - began, REPLACED_WITHIN)
        requested(fleet, 10)
    end_well(fleet, tmp_path)


def test_many_ships_that_crash_at_once_all_come_back(fleet: FleetProcess, tmp_path: Path) -> None:
    hit = fleet.call("chaos", kind="crash", address="/fleet/ships/*")["actors"]
    assert len(hit) >= SHIPS
    for path in hit:
        replaced(fleet, path, 0)
    records = Records(fleet.data_dir)
    fleet.eventually(lambda: len(records.ships) >= len(hit), "not every ship was read back")
    end_well(fleet, tmp_path)
