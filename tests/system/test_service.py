"""A fleet as a service: what systemd hears of it, and the ground that it stands on."""

from __future__ import annotations

import configparser
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from fleet.cli import run
from fleet.config import Config
from fleet.supervision.guard.data_lock import LOCK_NAME

from .fleet_process import FleetProcess

Start = Callable[..., FleetProcess]

UNIT = Path(__file__).resolve().parents[2] / "deploy" / "systemd" / "fleet.service"

SIMULATOR_AND_GUARD = 150 << 20
"""Bytes that the other processes take beside the runtime."""


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """Give the service manager's own end, which is not bound yet."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        yield receiver


@pytest.mark.long
def test_the_manager_hears_of_a_fleet_that_a_deleted_folder_ends_and_not_its_successor(
    fleets: Start, data_dir: Path, tmp_path: Path, manager: socket.socket
) -> None:
    def hear() -> str:
        return manager.recv(4096).decode().partition("\n")[0]

    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(20.0)
    fleet = fleets(data_dir, env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    heard = [hear()]
    assert fleet.named("process.ready", child="runtime"), "not before it plays"
    while heard.count("WATCHDOG=1") < 2:
        heard.append(hear())
    assert heard == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]

    # In one step: files that come while others are deleted would keep the folder.
    data_dir.rename(tmp_path / "deleted")
    second = fleets(data_dir)
    while (last := hear()) == "WATCHDOG=1":
        pass
    assert last == "STOPPING=1"
    assert fleet.process.wait(20) == 1
    assert fleet.output.count("\n") == 1
    assert f"The data folder {data_dir} was deleted" in fleet.output
    assert fleet.left() == []

    # Whoever began there meanwhile is not harmed by the end of the first.
    second.ready()
    # Process ids come again, in a container each time; the guards' epochs never do.
    epochs = [each.named("guard.started")[0]["epoch"] for each in (fleet, second)]
    assert fleet.process.pid < epochs[0] < epochs[1]
    assert (data_dir / LOCK_NAME).read_text() == f"{second.process.pid}\n"
    assert second.status()["agent"]["symbol"] == second.agent
    second.process.send_signal(signal.SIGTERM)
    assert second.wait() == 0


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    return parser


def test_the_unit_starts_a_fleet_with_options_that_there_are() -> None:
    program, command, *options = unit()["Service"]["ExecStart"].split()
    assert (Path(program).name, command) == ("fleet", "run")
    app = typer.Typer(add_completion=False)
    app.command()(run.command)
    typer.main.get_command(app).make_context("fleet run", options)


def test_the_unit_leaves_mending_to_the_guard_and_watches_the_guard() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > 30, "longer than a restart with its backoff"
    # Signals go to the guard alone, which stops the others in order.
    assert service["KillMode"] == "mixed"
    assert service["Restart"] == "on-failure"


def test_the_fleet_takes_on_less_work_before_the_kernel_ends_it_for_its_memory() -> None:
    service = unit()["Service"]
    given = dict(word.split("=") for word in service["Environment"].split())
    config = Config.from_sources({}, given, None)
    limits = [config.memory_warn, config.memory_emergency, config.memory_critical]
    assert limits == sorted(limits)
    most = int(service["MemoryMax"].removesuffix("M")) << 20
    assert limits[-1] + SIMULATOR_AND_GUARD <= most


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = unit()["Service"]["ExecStart"].split()[0]
    # The program is not installed where this is tested.
    text = UNIT.read_text().replace(program, "/bin/true").replace("User=fleet", "User=root")
    copy = tmp_path / "fleet.service"
    copy.write_text(text.replace("Group=fleet", "Group=root"))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert str(copy) not in found.stderr, found.stderr
