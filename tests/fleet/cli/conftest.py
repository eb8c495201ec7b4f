"""A command line to type into, and a fleet to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet.cli import main
from fleet.control.place import socket_path
from fleet.control.server import ControlServer
from fleet.runtime.events import NullEvents
from fleet.status import Status


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


Fleet = Callable[..., Ran]


@pytest.fixture
def fleet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    """Run `fleet ...` in an empty folder, on a data folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SPACETRADERS_TOKEN", raising=False)

    def run(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def late() -> Status:
    """62 ships, all lanes in use, some trouble behind it."""
    recorded = (Path(__file__).parents[1] / "console" / "late.json").read_bytes()
    return msgspec.json.decode(recorded, type=Status)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Answer on the control socket as a running fleet does."""
    servers: list[ControlServer] = []

    def start(handlers: Mapping[str, Any]) -> None:
        server = ControlServer(socket_path(tmp_path), handlers, NullEvents())
        server.start()
        servers.append(server)

    yield start
    for server in servers:
        server.close()
