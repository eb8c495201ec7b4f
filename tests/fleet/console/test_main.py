"""The console as a process in a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fleet.console.main import run
from fleet.control.client import NotRunning
from fleet.control.place import socket_path
from fleet.control.server import ControlServer
from fleet.protocol.errors import SetupError
from fleet.runtime.events import NullEvents
from fleet.status import Status

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """A console process and the other end of its terminal."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.resize(24, 80)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fleet", "console", "--data-dir", str(data_dir), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=os.environ
            | {"TERM": "xterm-256color", "FLEET_CONSOLE_REFRESH": "0.1"}
            # Exported by some shells, and no longer true when the terminal is resized.
            | {"COLUMNS": "80", "LINES": "24"},
        )
        os.close(slave)
        self.seen = b""

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read_until(self, wanted: bytes) -> bytes:
        """Read until the terminal was sent something; the test's own timeout is the limit."""
        start = len(self.seen)
        while wanted not in self.seen[start:]:
            part = self._read()
            assert part, self.seen[-2000:]
            self.seen += part
        return self.seen[start:]

    def read_to_end(self) -> bytes:
        while part := self._read():
            self.seen += part
        return self.seen

    def _read(self) -> bytes:
        # EIO tells that the last process has left the other end.
        with suppress(OSError):
            return os.read(self.master, 65536)
        return b""

    def end(self) -> tuple[int, bytes]:
        """Wait for its end; tell its exit status and what it complained about."""
        _, complaints = self.process.communicate(timeout=30)
        return self.process.returncode, complaints


Serve = Callable[[Status], ControlServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[ControlServer] = []

    def start(status: Status) -> ControlServer:
        server = ControlServer(socket_path(tmp_path), {"status": lambda _: status}, NullEvents())
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.process.kill()
    opened.process.communicate()
    with suppress(OSError):
        os.close(opened.master)


def test_it_waits_for_a_fleet_shows_it_and_waits_again(
    serve: Serve, terminal: Terminal, late: Status, early: Status
) -> None:
    terminal.read_until("Waiting for the fleet …".encode())
    server = serve(late)
    terminal.read_until(b"1,384,902")
    server.close()
    terminal.read_until("waiting for the fleet …".encode())
    serve(early)
    terminal.read_until(b"175,000")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(
    serve: Serve, terminal: Terminal, late: Status, number: signal.Signals
) -> None:
    serve(late)
    terminal.read_until(b"1,384,902")
    assert ENTER in terminal.seen
    assert LEAVE not in terminal.seen
    terminal.process.send_signal(number)
    output = terminal.read_to_end()
    assert terminal.end() == (0, b"")
    assert output.rindex(LEAVE) > output.rindex(b"1,384,902")
    assert b"\x1b[?25h" in output[output.rindex(b"\x1b[?25l") :]


def test_a_terminal_that_is_closed_ends_it_quietly(
    serve: Serve, terminal: Terminal, late: Status
) -> None:
    serve(late)
    terminal.read_until(b"1,384,902")
    os.close(terminal.master)
    assert terminal.end() == (0, b"")


def test_it_follows_the_size_of_the_terminal(
    serve: Serve, terminal: Terminal, late: Status
) -> None:
    serve(late)
    terminal.read_until(b"sold 80 MACHINERY")
    terminal.resize(50, 200)
    shown = terminal.read_until(b"7 ms for the last write")
    assert re.search(rb"delivering 22 QUARTZ_SAND", shown)


def test_a_single_picture_is_printed(
    tmp_path: Path, serve: Serve, late: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(late)
    run(tmp_path, once=True, width=200, height=50)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 50
    assert "delivering 22 QUARTZ_SAND" in "\n".join(lines)
    assert ENTER.decode() not in "\n".join(lines)


def test_a_single_picture_needs_a_fleet(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="start one with `fleet run`"):
        run(tmp_path, once=True)


def test_without_a_terminal_it_says_what_to_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetupError, match=r"needs a terminal; use `fleet status`"):
        run(tmp_path)
