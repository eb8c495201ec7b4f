from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .figures import within
from .fleet_process import LONG, FleetProcess, refuses
from .patience import CLOCK
from .playing import books_agree, requested, traded
from .records import Records
from .terminal import Terminal

Start = Callable[..., FleetProcess]

SLACK = 1.0 if LONG else 10.0
"""Wall seconds for what takes no time, because other tests run at the same time."""

MOST = 3.0 + SLACK
"""Wall seconds that an orderly stop may take in all."""


def test_ctrl_c_in_a_terminal_ends_all_in_order_and_leaves_the_terminal_as_it_was(
    fleets: Start, data_dir: Path
) -> None:
    terminal = Terminal()
    fleet = traded(fleets(data_dir, terminal=terminal))
    fleet.eventually(lambda: terminal.drawn_on, "no console")
    url, began = fleet.base_url, CLOCK.monotonic()
    fleet.interrupt()
    assert fleet.wait() in {0, 130}
    within("Ctrl-C in a terminal ends all after", CLOCK.monotonic() - began, MOST)
    assert fleet.left() == []
    assert refuses(url)
    assert terminal.restored
    assert "Traceback" not in terminal.output
    order = [record["child"] for record in fleet.named("process.exited")]
    assert order == ["runtime", "console", "simulator"]
    assert fleet.named("process.killed") == []
    assert fleet.named("fleet.stopped")[0]["survivors"] == []
    assert books_agree(fleet)
    again = fleets(data_dir).ready()
    assert again.named("ledger.reconciled") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, *([signal.SIGHUP] if LONG else [])])
def test_a_signal_ends_a_headless_fleet_in_order(
    fleets: Start, data_dir: Path, number: signal.Signals
) -> None:
    fleet = traded(fleets(data_dir))
    url, began = fleet.base_url, CLOCK.monotonic()
    fleet.process.send_signal(number)
    assert fleet.wait() in {0, 128 + number}
    within(f"{number.name} ends all after", CLOCK.monotonic() - began, MOST)
    assert fleet.left() == []
    assert refuses(url)
    assert fleet.output == ""
    assert fleet.named("process.killed") == []
    assert books_agree(fleet)
    assert Records(data_dir).reconciled == 0


def test_a_second_ctrl_c_ends_all_at_once(fleets: Start, data_dir: Path) -> None:
    fleet = fleets(data_dir).ready()
    runtime = fleet.pid("runtime")
    # So that the first one can't be over before the second one comes.
    os.kill(runtime, signal.SIGSTOP)
    began = CLOCK.monotonic()
    fleet.interrupt()
    fleet.until("stop.requested")
    fleet.interrupt()
    assert fleet.wait() == 130
    within("two Ctrl-C end all after", CLOCK.monotonic() - began, SLACK)
    assert fleet.left() == []
    assert fleet.named("guard.hurried")


def test_ctrl_c_ends_all_in_time_though_the_server_hangs(fleets: Start, data_dir: Path) -> None:
    fleet = traded(fleets(data_dir))
    os.kill(fleet.pid("simulator"), signal.SIGSTOP)
    fleet.eventually(lambda: fleet.status()["requests"]["in_flight"], "nothing is in flight")
    began = CLOCK.monotonic()
    fleet.interrupt()
    assert fleet.wait() == 0
    within("Ctrl-C with a hung server ends all after", CLOCK.monotonic() - began, MOST)
    assert fleet.left() == []
    assert "Traceback" not in fleet.output
    # Whatever the server did and could not tell any more is found by the next start.
    again = fleets(data_dir).ready()
    requested(again)
    again.process.send_signal(signal.SIGTERM)
    assert again.wait() == 0
    assert books_agree(again)


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "event", "child"),
    [
        (signal.SIGINT, "guard.started", None),
        (signal.SIGTERM, "process.started", "runtime"),
        (signal.SIGINT, "process.ready", "simulator"),
        (signal.SIGTERM, "process.ready", "runtime"),
    ],
)
def test_a_signal_during_the_start_ends_it_in_order(
    fleets: Start, data_dir: Path, number: signal.Signals, event: str, child: str | None
) -> None:
    fleet = fleets(data_dir)
    fleet.until(event, **({"child": child} if child else {}))
    began = CLOCK.monotonic()
    fleet.process.send_signal(number)
    assert fleet.wait() in {0, 128 + number}
    name = f"{number.name} at {event} {child or ''} ends all after"
    within(name, CLOCK.monotonic() - began, MOST)
    assert fleet.left() == []
    assert "Traceback" not in fleet.output
    if child == "runtime" and event == "process.ready":
        again = fleets(data_dir).ready()
        assert again.named("ledger.reconciled") == []
