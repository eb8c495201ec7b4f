"""The guard as a process of its own: what happens to its children when it is hit itself."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GUARD = """
import json, os, random, sys
from pathlib import Path
from fleet.runtime.clocks import SystemClock
from fleet.supervision.guard.guard import Guard
from fleet.supervision.guard.spec import ProcessSpec

class Printed:
    def emit(self, event, *, level="info", text="", **fields):
        print(json.dumps({"event": event, "text": text} | fields), flush=True)

toys, fds = json.loads(sys.argv[1]), tuple(json.loads(sys.argv[2]))
specs = [
    ProcessSpec(name=name, argv=(sys.executable, "-c", code), pass_fds=fds, heartbeat=beat)
    for name, code, beat in toys
]
guard = Guard(
    specs, log=Printed(), clock=SystemClock(), rng=random.Random(1), dumps=Path(sys.argv[3])
)
sys.exit(guard.run())
"""

SERVE = """
import signal, sys, threading
from fleet.supervision.guard.lifeline import Lifeline
life = Lifeline.from_environment()
signal.signal(signal.SIGINT, lambda *_: sys.exit(9))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
life.ready()
while not threading.Event().wait(0.02):
    life.beat()
"""

HOG = """
import ctypes
from fleet.supervision.guard.lifeline import Lifeline
Lifeline.from_environment().ready()
ctypes.PyDLL(None).sleep(1000)
"""

PARENT_OF_ONE = """
import subprocess, sys, threading
from fleet.supervision.guard.lifeline import Lifeline
life = Lifeline.from_environment()
subprocess.Popen(["sleep", "1000"], pass_fds=(FD,))
life.ready()
threading.Event().wait()
"""


class GuardProcess:
    """A guard with toys in a process of its own, and its events as they come."""

    def __init__(self, folder: Path, toys: dict[str, tuple[str, float | None]]) -> None:
        self.held, holder = os.pipe()
        listed = [(n, c.replace("FD", str(holder)), beat) for n, (c, beat) in toys.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-c", GUARD, json.dumps(listed), json.dumps([holder]), str(folder)],
            stdout=subprocess.PIPE,
            pass_fds=(holder,),
            start_new_session=True,
            text=True,
        )
        os.close(holder)
        self.seen: list[dict[str, Any]] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line)

    def until(self, event: str, child: str | None = None) -> dict[str, Any]:
        while True:
            record: dict[str, Any] = json.loads(self._lines.get(timeout=40))
            self.seen.append(record)
            if record["event"] == event and child in {None, record.get("child")}:
                return record

    def all_gone(self, within: float) -> bool:
        """Wait until nobody, the guard included, holds the pipe that all of them got."""
        return bool(select.select([self.held], [], [], within)[0])

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self._reader.join(30)
        os.close(self.held)


@pytest.fixture
def guards() -> Iterator[list[GuardProcess]]:
    started: list[GuardProcess] = []
    yield started
    for guard in started:
        guard.end()


def test_when_the_guard_is_killed_everything_is_gone_within_two_seconds(
    tmp_path: Path, guards: list[GuardProcess]
) -> None:
    toys = {"serving": (SERVE, 9.0), "hogging": (HOG, None), "parent": (PARENT_OF_ONE, None)}
    if sys.platform != "linux":
        # Only the Linux kernel ends a process that keeps the GIL and so can't notice.
        del toys["hogging"]
    guard = GuardProcess(tmp_path, toys)
    guards.append(guard)
    for name in toys:
        guard.until("process.started", name)
    for _ in toys:
        guard.until("process.ready")
    assert not guard.all_gone(0)
    guard.process.kill()
    assert guard.all_gone(2.0)


def test_ctrl_c_reaches_the_guard_alone_and_it_stops_the_children(
    tmp_path: Path, guards: list[GuardProcess]
) -> None:
    guard = GuardProcess(tmp_path, {"serving": (SERVE, 9.0)})
    guards.append(guard)
    guard.until("process.ready")
    # What a terminal does: the signal goes to the whole foreground group.
    os.killpg(guard.process.pid, signal.SIGINT)
    exited = guard.until("process.exited")
    assert exited["exit_code"] == 0
    assert guard.process.wait(30) == 0
    assert guard.all_gone(0)


def test_a_guard_that_was_stopped_and_goes_on_spares_its_children(
    tmp_path: Path, guards: list[GuardProcess]
) -> None:
    heartbeat = 1.5
    guard = GuardProcess(tmp_path, {"serving": (SERVE, heartbeat)})
    guards.append(guard)
    guard.until("process.ready")
    child = guard.seen[-1]["pid"]
    # As with a closed lid: none of them runs, then the guard is the first to wake.
    os.kill(guard.process.pid, signal.SIGSTOP)
    os.kill(child, signal.SIGSTOP)
    threading.Event().wait(2 * heartbeat)
    os.kill(guard.process.pid, signal.SIGCONT)
    guard.until("guard.suspended")
    os.kill(child, signal.SIGCONT)
    os.kill(guard.process.pid, signal.SIGTERM)
    guard.until("guard.stopped")
    names = [record["event"] for record in guard.seen]
    assert "process.stalled" not in names
    assert names.count("process.started") == 1


def test_a_guard_that_alone_was_stopped_finds_the_beats_of_that_time_and_spares_its_children(
    tmp_path: Path, guards: list[GuardProcess]
) -> None:
    heartbeat = 1.5
    guard = GuardProcess(tmp_path, {"serving": (SERVE, heartbeat)})
    guards.append(guard)
    guard.until("process.ready")
    for _ in range(2):
        os.kill(guard.process.pid, signal.SIGSTOP)
        threading.Event().wait(3 * heartbeat)
        os.kill(guard.process.pid, signal.SIGCONT)
        guard.until("guard.suspended")
    os.kill(guard.process.pid, signal.SIGTERM)
    guard.until("guard.stopped")
    names = [record["event"] for record in guard.seen]
    assert "process.stalled" not in names
    assert names.count("process.started") == 1


def test_ctrl_c_during_the_start_of_a_child_stops_it_too(
    tmp_path: Path, guards: list[GuardProcess]
) -> None:
    guard = GuardProcess(tmp_path, {"serving": (SERVE, 9.0)})
    guards.append(guard)
    guard.until("process.started")
    guard.process.send_signal(signal.SIGINT)
    assert guard.process.wait(30) == 0
    assert guard.all_gone(0)
