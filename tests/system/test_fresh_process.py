"""What no supervisor can mend inside a process: the guard gives the fleet a fresh one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fleet.protocol.errors import FleetError
from fleet.supervision.guard.lifeline import RENEWAL

from .figures import exactly
from .fleet_process import FleetProcess
from .playing import books_agree, finished, requested

Start = Callable[..., FleetProcess]

BUDGETS = ("--budgets", "ship=0.5", "--budgets", "treasury=0.5", "--budgets", "market=0.5")
QUICK = ("--heartbeat", "2s", *BUDGETS)
SPINNERS = ("/fleet/treasury", "/fleet/book", "/fleet/surveys")
"""One more than a process carries."""

NEVER = 3600.0


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
    fleet.until("process.stalled", since=place, child="runtime")
    killed = fleet.until("process.killed", since=place, child="runtime")
    assert "runtime/chaos.py" in Path(killed["dump"]).read_text()
    fleet.until("process.ready", since=place, child="runtime")
    requested(fleet)

    for path in SPINNERS:
        place = fleet.chaos("spin", path, seconds=NEVER)
    exceeded = fleet.until("zombies.exceeded", since=place)
    assert exceeded["level"] == "critical"
    exited = fleet.until("process.exited", since=place, child="runtime")
    assert exited["exit_code"] == RENEWAL
    assert exited["reason"] == exceeded["text"]
    assert fleet.named("fleet.stopped", place)[0]["survivors"] == []
    fleet.until("process.ready", since=place, child="runtime")
    assert not fleet.named("ledger.reconciled", place), "the drain has lost nothing"
    exactly("lines that tell of it", len(fleet.named("zombies.exceeded", place)), 1)
    requested(fleet)

    told = finished(fleet, summary)
    assert told["process_restarts"] == 2
    exactly("audit_difference after both", told["audit_difference"], 0)
    assert books_agree(fleet)
    assert fleet.left() == []
