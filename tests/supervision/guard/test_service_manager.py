"""What a service manager is told, over a real datagram socket as systemd has one."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.supervision.guard.service_manager import ServiceManager

SERVE = "serve()"

PROGRESS_ONCE = """
life.ready()
life.progress()
serve()
"""


class Manager:
    """The other end: what arrived, message by message."""

    def __init__(self, address: str) -> None:
        self.environ = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1", "HOME": "/"}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1) if address[0] == "@" else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        """Take what arrived; the first word of each message."""
        messages = []
        try:
            while True:
                messages.append(self._socket.recv(4096).decode().partition("\n")[0])
        except BlockingIOError:
            return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "n") if request.param == "path" else f"@fleet-test-{os.getpid()}"
    made = Manager(address)
    yield made
    made.close()


def test_ready_and_stopping_are_told_once_and_progress_each_time(manager: Manager) -> None:
    service = ServiceManager.from_environment(manager.environ)
    for _ in range(2):
        service.ready()
    for _ in range(3):
        service.progress()
    for _ in range(2):
        service.stopping()
    assert manager.heard() == ["READY=1", *["WATCHDOG=1"] * 3, "STOPPING=1"]


def test_children_do_not_take_the_managers_socket_for_theirs(manager: Manager) -> None:
    ServiceManager.from_environment(manager.environ)
    assert manager.environ == {"HOME": "/"}


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    for environ in [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}]:
        service = ServiceManager.from_environment(environ)
        service.ready()
        service.progress()
        service.stopping()


def test_a_manager_that_does_not_read_never_holds_the_guard_up(manager: Manager) -> None:
    service = ServiceManager.from_environment(manager.environ)
    for _ in range(5_000):
        service.progress()
    # Its queue is full, so ready is told again until there is room.
    service.ready()
    assert set(manager.heard()) == {"WATCHDOG=1"}
    for _ in range(2):
        service.ready()
    assert manager.heard() == ["READY=1"]


def test_the_guard_tells_ready_when_what_is_critical_is_ready(bench: Any, manager: Manager) -> None:
    heard: dict[str, list[str]] = {}

    def note(event: str) -> None:
        heard[event] = manager.heard()

    bench.log.on("process.started", lambda: note("started"), child="runtime")
    bench.log.on("stop.requested", lambda: note("stopping"))
    bench.stop_at("process.ready", child="side")
    specs = (
        bench.spec("runtime", SERVE, critical=True),
        bench.spec("side", SERVE, after=("runtime",)),
    )
    assert bench.run(*specs, service=ServiceManager.from_environment(manager.environ)) == 0
    assert heard["started"] == []
    assert heard["stopping"] == ["READY=1", "STOPPING=1"]


def test_a_process_that_lives_but_gets_nowhere_does_not_feed_the_manager(
    bench: Any, manager: Manager
) -> None:
    """Its beats go on during two turns of the guard; its work stood still after the first."""
    turns: list[None] = []

    def turn() -> None:
        turns.append(None)
        if len(turns) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    service = ServiceManager.from_environment(manager.environ)
    spec = bench.spec("runtime", PROGRESS_ONCE, critical=True)
    bench.run(spec, service=service, lost=turn)
    heard = manager.heard()
    assert heard.count("WATCHDOG=1") == 1
    assert heard[-1] == "STOPPING=1"
