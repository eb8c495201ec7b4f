"""A real fleet under test: starts it, waits on what its log tells, hits it, and looks at it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil

from fleet.control.client import ControlClient, NotRunning
from fleet.runtime.clocks import SystemClock
from fleet.supervision.event_log import LOG_NAME
from fleet.supervision.log_filter import LogFilter
from fleet.supervision.tail import LogTail

from .patience import CLOCK, PATIENCE, eventually
from .terminal import Terminal

MARK = "SYSTEM_TEST_RUN"
"""Variable by which every process of one fleet is found again."""

LONG = os.environ.get("FLEET_LONG") == "1"
"""Whether the series run in full."""

Found = TypeVar("Found")


def times(short: int, full: int) -> int:
    """Tell how often to do something, by the form of the series that was asked for."""
    return full if LONG else short


def clean_environment() -> dict[str, str]:
    """Drop what would change a fleet from outside."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLEET_", "SPACETRADERS_"))
    }


class FleetProcess:
    """One `fleet run` with its children; `end` it in any case."""

    def __init__(
        self,
        data_dir: Path,
        *arguments: str,
        terminal: Terminal | None = None,
        env: Mapping[str, str] | None = None,
        speed: int | None = 60,
    ) -> None:
        self.data_dir = data_dir
        self.terminal = terminal
        self.mark = uuid.uuid4().hex
        self.events: list[dict[str, Any]] = []
        self._tail = LogTail(data_dir / LOG_NAME, SystemClock())
        self._tail.last(0, LogFilter())
        # Beside the data folder, not in it: some tests compare what is in there.
        self._output = data_dir.parent / f"{data_dir.name}-{self.mark[:6]}.out"
        command = [sys.executable, "-m", "fleet", "run", "--data-dir", str(data_dir)]
        command += [] if speed is None else ["--speed", str(speed)]
        command += [] if terminal else ["--headless"]
        self.began = CLOCK.monotonic()
        self.process = self._start(
            [*command, *arguments], clean_environment() | {MARK: self.mark} | dict(env or {})
        )

    def _start(self, command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        if self.terminal is not None:
            return self.terminal.start(command, env)
        with self._output.open("wb") as output:
            return subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_heed_hangups,
            )

    # -- what its log tells

    def look(self) -> list[dict[str, Any]]:
        """Read what came since the last look; gives all since the start."""
        for line in self._tail.poll():
            assert line.record is not None, f"a malformed line: {line.raw!r}"
            self.events.append(dict(line.record))
        return self.events

    def named(self, event: str, since: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """List the events of a name (and fields) seen since a place in the log."""
        return [
            record
            for record in self.look()[since:]
            if record["event"] == event and fields.items() <= record.items()
        ]

    def until(
        self, event: str, *, since: int = 0, timeout: float = PATIENCE, **fields: Any
    ) -> dict[str, Any]:
        """Wait for the first event of a name (and fields) since a place in the log."""

        def found() -> dict[str, Any] | None:
            return next(iter(self.named(event, since, **fields)), None)

        wanted = f"{event} {fields}"
        return self.eventually(found, f"{wanted} did not come", timeout)

    def eventually(
        self, found: Callable[[], Found | None], what: str, timeout: float = PATIENCE
    ) -> Found:
        """Wait until something is found; fails at once when the fleet has ended meanwhile."""

        def look() -> Found | None:
            ended = self.process.poll() is not None
            value = found()
            assert value or not ended, f"the fleet has ended: {self.output}"
            return value

        return eventually(look, lambda: f"{what}; the last: {self.events[-8:]}", timeout)

    def ready(self) -> FleetProcess:
        """Wait until it plays."""
        self.until("fleet.started")
        self.until("process.ready", child="runtime")
        return self

    @property
    def output(self) -> str:
        """What it wrote to its terminal, or to standard output and error."""
        if self.terminal is not None:
            return self.terminal.output
        return self._output.read_text()

    # -- its processes

    def pid(self, child: str) -> int:
        """Tell the process id of a child's newest incarnation."""
        started = [*self.named("process.started", child=child)]
        started += self.named("process.restarted", child=child)
        return int(started[-1]["pid"])

    def kill(self, child: str) -> int:
        """Kill a child as the kernel would; gives the place in the log to wait from."""
        place = len(self.look())
        os.kill(self.pid(child), signal.SIGKILL)
        return place

    def interrupt(self) -> None:
        """Press Ctrl-C: in the terminal, or as it signals the foreground group."""
        if self.terminal is not None:
            self.terminal.press_ctrl_c()
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for its end and tell the exit code."""
        return self.process.wait(timeout)

    def left(self) -> list[str]:
        """List the processes of this fleet that still run."""
        left: list[str] = []
        for process in self._mine():
            with suppress(psutil.NoSuchProcess):
                left.append(" ".join(process.cmdline()))
        return left

    def _mine(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                alive = process.status() != psutil.STATUS_ZOMBIE
                if alive and process.environ().get(MARK) == self.mark:
                    yield process

    def end(self) -> None:
        """Kill whatever is left of it."""
        for process in self._mine():
            with suppress(psutil.Error):
                process.kill()
        self.process.wait(PATIENCE)
        self._tail.close()
        if self.terminal is not None:
            self.terminal.close()

    # -- what it answers

    def call(self, do: str, **arguments: Any) -> Any:
        """Ask over the control socket; None while nobody listens there."""
        try:
            return ControlClient(self.data_dir).call(do, timeout=30.0, **arguments)
        except NotRunning:
            return None

    def chaos(self, kind: str, address: str, seconds: float = 60.0) -> int:
        """Make an actor hang or crash; gives the place in the log to wait from."""
        place = len(self.look())
        done = self.call("chaos", kind=kind, address=address, seconds=seconds)
        assert done == {"actors": [address]}
        return place

    def status(self) -> dict[str, Any]:
        """Ask how it is doing."""
        answer: dict[str, Any] = self.eventually(lambda: self.call("status"), "no status came")
        return answer

    @property
    def base_url(self) -> str:
        """The embedded simulator's address."""
        return str(self.until("process.ready", child="simulator")["info"]["url"])

    @property
    def agent(self) -> str:
        """The call sign it plays."""
        return str(self.until("process.ready", child="runtime")["info"]["agent"])

    def books(self) -> dict[str, Any]:
        """Read the simulator's own books of the agent."""
        return sim_books(self.base_url, self.agent)


def sim_books(base_url: str, agent: str) -> dict[str, Any]:
    """Read a simulator's own books of an agent. Raises OSError."""
    with urllib.request.urlopen(f"{base_url}/sim/books?agent={agent}", timeout=40) as answer:
        books: dict[str, Any] = json.load(answer)
    return books


def refuses(base_url: str) -> bool:
    """Whether nobody listens at an address any more."""
    host, port = base_url.removeprefix("http://").split(":")
    with suppress(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1).close()
        return False
    return True


def _heed_hangups() -> None:
    """Forget that these tests may run under nohup, which a fleet would respect."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
