"""How signals end a guard and all that it has started."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from fleet.supervision.guard.guard import STOP_WITHIN
from fleet.supervision.spec import Backoff

from .programs import IGNORE_SIGTERM, SERVE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_processes_in_their_order(bench: Any, number: signal.Signals) -> None:
    bench.stop_at("process.ready", number, child="simulator")
    specs = (
        bench.spec("simulator", SERVE, stop_order=9, after=("runtime", "console")),
        bench.spec("runtime", SERVE, stop_order=0, heartbeat=5),
        bench.spec("console", SERVE, stop_order=5),
    )
    assert bench.run(*specs) == 0
    exits = bench.log.records("process.exited")
    assert [record["child"] for record in exits] == ["runtime", "console", "simulator"]
    assert [record["exit_code"] for record in exits] == [0, 0, 0]
    assert bench.said == []


def test_processes_that_do_not_stop_are_killed_in_time(bench: Any) -> None:
    bench.stop_at("process.ready", child="simulator")
    specs = (
        bench.spec("runtime", IGNORE_SIGTERM, stop_order=0),
        bench.spec("simulator", IGNORE_SIGTERM, stop_order=9, after=("runtime",)),
    )
    assert bench.run(*specs, stop_within=1.5) == 0
    assert STOP_WITHIN == 3.0, "what it is for a real fleet"
    assert [r["child"] for r in bench.log.records("process.killed")] == ["runtime", "simulator"]
    assert [r["signal"] for r in bench.log.records("process.exited")] == [9, 9]
    assert "runtime did not stop in time" in bench.said[0]


def test_a_second_signal_kills_everything_at_once(bench: Any) -> None:
    bench.stop_at("process.ready", child="simulator")
    bench.stop_at("stop.requested")
    specs = (
        bench.spec("runtime", IGNORE_SIGTERM, stop_order=0),
        bench.spec("simulator", IGNORE_SIGTERM, stop_order=9, after=("runtime",)),
    )
    assert bench.run(*specs, stop_within=100.0) == 130
    assert [record["signal"] for record in bench.log.records("process.exited")] == [9, 9]


def test_a_second_hangup_does_not_hurry(bench: Any) -> None:
    bench.stop_at("process.ready", signal.SIGHUP)
    bench.stop_at("stop.requested", signal.SIGHUP)
    assert bench.run(bench.spec("runtime", SERVE)) == 0
    assert bench.log.records("process.exited")[0]["exit_code"] == 0


def test_a_signal_during_the_backoff_ends_the_wait(bench: Any) -> None:
    slow = Backoff(least=1000, most=1000, reset_after=9999)
    bench.log.on("process.exited", lambda: exits.append(1))
    bench.stop_at("process.exited", incarnation=2)
    exits: list[int] = []
    assert bench.run(bench.spec("runtime", "life.ready(); sys.exit(1)", backoff=slow)) == 0
    assert len(exits) == 2
