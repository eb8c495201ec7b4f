from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .figures import within
from .fleet_process import LONG, FleetProcess, refuses
from .patience import CLOCK, eventually
from .playing import check_books, finished, traded
from .terminal import Terminal

Start = Callable[..., FleetProcess]

GONE_WITHIN = 2.0 if LONG else 15.0


def test_when_the_parent_is_killed_all_is_gone_and_the_next_start_works(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    fleet = traded(fleets(data_dir, terminal=Terminal()))
    fleet.until("process.ready", child="console")
    url = fleet.base_url
    began = CLOCK.monotonic()
    os.kill(fleet.process.pid, signal.SIGKILL)
    eventually(lambda: not fleet.left(), lambda: f"left: {fleet.left()}")
    within("parent killed, all gone after", CLOCK.monotonic() - began, GONE_WITHIN)
    assert refuses(url)
    summary = tmp_path / "summary.json"
    again = traded(fleets(data_dir, "--summary", str(summary)))
    assert again.agent == fleet.agent
    check_books(again, finished(again, summary))


@pytest.mark.long
def test_a_parent_killed_during_the_start_leaves_nobody(fleets: Start, data_dir: Path) -> None:
    fleet = fleets(data_dir)
    fleet.until("process.started", child="runtime")
    os.kill(fleet.process.pid, signal.SIGKILL)
    eventually(lambda: not fleet.left(), lambda: f"left: {fleet.left()}", GONE_WITHIN)
    fleets(data_dir).ready()
