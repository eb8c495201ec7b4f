from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.runtime.clocks import SystemClock
from fleet.supervision.guard.guard import Guard
from fleet.supervision.guard.spec import ProcessSpec
from fleet.supervision.memory_event_log import MemoryEventLog

BEGIN = """
import os, signal, sys, threading
from fleet.supervision.guard.lifeline import Lifeline
life = Lifeline.from_environment()
def first_time():
    try:
        os.close(os.open("MARK", os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False
def serve():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    life.ready({"pid": os.getpid()})
    while not threading.Event().wait(0.02):
        life.beat()
"""


class ScriptedLog(MemoryEventLog):
    """Keeps the guard's events and does what a test planned for one of them."""

    def __init__(self) -> None:
        super().__init__()
        self._plans: list[tuple[str, dict[str, Any], Callable[[], object]]] = []

    def on(self, event: str, action: Callable[[], object], **fields: Any) -> None:
        """Run the action, in the guard's own thread, at each such event."""
        self._plans.append((event, fields, action))

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        super().emit(event, level=level, text=text, **fields)
        for name, wanted, action in self._plans:
            if name == event and wanted.items() <= fields.items():
                action()

    def names(self, child: str | None = None) -> list[str]:
        """Name the events so far, or those of one child."""
        found = self.records(child=child) if child else self.records()
        return [record["event"] for record in found]


class GuardBench:
    """Builds toy processes and runs a guard over them in this thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = ScriptedLog()
        self.clock = SystemClock()
        self.said: list[str] = []

    def spec(self, name: str, code: str, **settings: Any) -> ProcessSpec:
        """Describe a toy; its code follows BEGIN, MARK becomes a file of its own."""
        script = (BEGIN + code).replace("MARK", str(self.folder / f"{name}.mark"))
        settings.setdefault("ready_timeout", 20.0)
        return ProcessSpec(name=name, argv=(sys.executable, "-c", script), **settings)

    def run(self, *specs: ProcessSpec, **settings: Any) -> int:
        """Run a guard to its end and check that it left nothing behind."""
        settings = {"clock": self.clock, "rng": random.Random(1)} | settings
        guard = Guard(
            specs, log=self.log, dumps=self.folder / "dumps", say=self.said.append, **settings
        )
        before = open_descriptors()
        code = guard.run()
        # What an earlier test has left to the garbage collector may go meanwhile.
        assert open_descriptors() <= before
        for record in [
            *self.log.records("process.started"),
            *self.log.records("process.restarted"),
        ]:
            with pytest.raises(ProcessLookupError):
                os.kill(record["pid"], 0)
        return code

    def stop_at(self, event: str, number: signal.Signals = signal.SIGINT, **fields: Any) -> None:
        """Send the guard, which is this process, a signal at an event."""
        self.log.on(event, lambda: os.kill(os.getpid(), number), **fields)


def open_descriptors() -> set[str]:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        return set()
    # The listing itself opens one more, which is gone by the time it is looked at.
    return {fd.name for fd in folder.iterdir() if fd.exists() or fd.is_symlink()}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[GuardBench]:
    return GuardBench(tmp_path)
