"""What no supervisor can mend inside a process: the guard gives the fleet a fresh one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fleet.protocol.clock import from_iso
from fleet.protocol.errors import FleetError
from fleet.supervision.guard.lifeline import RENEWAL

from .figures import exactly, within
from .fleet_process import FleetProcess
from .playing import books_agree, finished, requested

Start = Callable[..., FleetProcess]

HEARTBEAT = 1.0
BUDGETS = ("--budgets", "ship=0.5", "--budgets", "treasury=0.5", "--budgets", "market=0.5")
QUICK = ("--heartbeat", f"{HEARTBEAT}s", *BUDGETS)
SPINNERS = ("/fleet/treasury", "/fleet/book", "/fleet/surveys")
"""One more than a process carries."""

RESUMED = 8.0
"""Wall seconds from a stall, or from the last zombie too many, to a runtime that plays."""

NEVER = 3600.0


def moment(record: dict[str, object]) -> float:
    return from_iso(str(record["t"]))


def test_a_held_interpreter_lock_and_zombies_over_their_budget_end_in_a_fresh_process(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    fleet = fleets(data_dir, *QUICK, "--summary", str(summary)).ready()
    requested(fleet)

    # A call in C that keeps the interpreter's lock: the watchdog stands still as well.
    place = len(fleet.look())
    with suppress(FleetError):
        # The answer may come too late to be given.
        fleet.call("chaos", kind="gil", address="/fleet/book", seconds=10.0)
    stalled = fleet.until("process.stalled", since=place, child="runtime")
    killed = fleet.until("process.killed", since=place, child="runtime")
    assert "runtime/chaos.py" in Path(killed["dump"]).read_text()
    again = fleet.until("process.ready", since=place, child="runtime")
    took = moment(again) - moment(stalled) + HEARTBEAT
    within("lock held, playing again after", took, RESUMED)
    requested(fleet)

    for path in SPINNERS:
        place = fleet.chaos("spin", path, seconds=NEVER)
    exceeded = fleet.until("zombies.exceeded", since=place)
    assert exceeded["level"] == "critical"
    exited = fleet.until("process.exited", since=place, child="runtime")
    assert exited["exit_code"] == RENEWAL
    assert exited["reason"] == exceeded["text"]
    assert fleet.named("fleet.stopped", place)[0]["survivors"] == []
    again = fleet.until("process.ready", since=place, child="runtime")
    within("too many spinners, playing again after", moment(again) - moment(exceeded), RESUMED)
    assert not fleet.named("ledger.reconciled", place), "the drain has lost nothing"
    exactly("lines that tell of it", len(fleet.named("zombies.exceeded", place)), 1)
    requested(fleet)

    told = finished(fleet, summary)
    assert told["process_restarts"] == 2
    exactly("audit_difference after both", told["audit_difference"], 0)
    assert books_agree(fleet)
    assert fleet.left() == []
