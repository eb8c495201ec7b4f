"""A script in a real fleet: it joins, flies a ship, and is gone with the runtime."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .fleet_process import FleetProcess

RESTS = """
from fleet import Until

def run(ship, task, *, pause: float = 600.0):
    yield Until(ship.now() + pause, "rests")
    return "rested"
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "rests.py"
    file.write_text(RESTS)
    return file


def fleet_command(fleet: FleetProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fleet", *arguments, "--data-dir", str(fleet.data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def behaviour(fleet: FleetProcess, ship: str) -> str:
    ships: list[dict[str, Any]] = fleet.status()["ships"]
    return next((row["behaviour"] for row in ships if row["symbol"] == ship), "")


def test_a_ship_is_lent_to_a_script_and_comes_back_with_the_next_runtime(
    fleets: Callable[..., FleetProcess], data_dir: Path, script: Path
) -> None:
    fleet = fleets(data_dir).ready()
    ship = fleet.eventually(
        lambda: next((row["symbol"] for row in fleet.status()["ships"] if row["behaviour"]), None),
        "no ship has work",
    )
    refused = fleet_command(fleet, "inject", str(script), "--ship", ship, "pauze=3")
    assert (refused.returncode, "rests.py, line 4" in refused.stderr) == (2, True)
    told = fleet_command(fleet, "inject", str(script), "--ship", ship, "--json")
    assert json.loads(told.stdout)["state"] == "running", told.stderr
    fleet.eventually(lambda: behaviour(fleet, ship) == "rests", "the ship does not do as told")
    listed = fleet.call("experiments")
    assert [(row["name"], row["ships"]) for row in listed] == [("rests", [ship])]
    assert any("fleet.inject" in line for line in fleet.left())
    place = fleet.kill("runtime")
    fleet.until("process.ready", since=place, child="runtime")
    fleet.eventually(
        lambda: behaviour(fleet, ship) not in ("", "rests", "read_back"), "the ship did not return"
    )
    assert fleet.call("experiments") == []
    fleet.interrupt()
    assert fleet.wait() == 0
    assert fleet.left() == []
