"""A behaviour is compared on a real fleet, from the command line, and the fleet has its ships back
when its runtime dies."""

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
from fleet import Until, dock, orbit

def run(ship, task):
    yield from dock(ship)
    yield from orbit(ship)
    yield Until(ship.now() + 20.0, "rests")
    return "rested"
"""


def fleet_command(fleet: FleetProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fleet", *arguments, "--data-dir", str(fleet.data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def flown(fleet: FleetProcess) -> set[str]:
    ships: list[dict[str, Any]] = fleet.status()["ships"]
    return {row["symbol"] for row in ships if row["behaviour"] == "rests_ab"}


@pytest.mark.long
def test_a_behaviour_is_compared_turn_by_turn_until_its_runtime_dies(
    fleets: Callable[..., FleetProcess], data_dir: Path, tmp_path: Path
) -> None:
    script = tmp_path / "rests.py"
    script.write_text(RESTS)
    fleet = fleets(data_dir).ready()
    fleet.eventually(
        lambda: any(row["behaviour"] for row in fleet.status()["ships"]), "no ship has work"
    )
    told = fleet_command(
        fleet, "inject", str(script), "--ab", "--block", "2m", "--wash-out", "20s", "--json"
    )
    assert told.returncode == 0, told.stderr
    begun = json.loads(told.stdout)
    assert (begun["design"], begun["quota"]) == ("switchback", 150.0)
    fleet.eventually(lambda: flown(fleet) == set(begun["ships"]), "no turn of the script's came")
    fleet.eventually(lambda: not flown(fleet), "no turn of the fleet's own came")
    fleet.eventually(lambda: fleet.call("experiments")[0]["turns"] >= 2, "no two turns ended")
    fleet.eventually(lambda: flown(fleet), "no second turn of the script's came")
    listed = fleet_command(fleet, "experiments", "--json")
    (row,) = json.loads(listed.stdout)
    assert row["comparison"]["turns"] >= 2
    place = fleet.kill("runtime")
    fleet.until("process.ready", since=place, child="runtime")
    fleet.eventually(
        lambda: all(row["behaviour"] not in ("", "rests_ab") for row in fleet.status()["ships"]),
        "the ships did not return",
    )
    shown = json.loads(fleet_command(fleet, "experiment", "show", "rests_ab", "--json").stdout)
    assert shown["turns"] >= row["comparison"]["turns"]
    assert (shown["status"], "runtime ended" in shown["outcome"]) == ("ended", True)
    assert [arm["arm"] for arm in shown["arms"]] == ["A", "B"]
    assert shown["arms"][1]["requests"] > 0
    assert shown["arms"][1]["hours"] > 0
    (kept,) = json.loads(fleet_command(fleet, "experiment", "list", "--json").stdout)
    assert (kept["name"], kept["runs"]) == ("rests_ab", shown["turns"])
    fleet.interrupt()
    assert fleet.wait() == 0
    assert fleet.left() == []
