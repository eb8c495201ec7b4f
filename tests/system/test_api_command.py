"""`fleet api` through a fleet that plays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .fleet_process import FleetProcess, clean_environment
from .records import Records


def api(data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Do one operation through the fleet on a folder."""
    command = [sys.executable, "-m", "fleet", "api", *words, "--json", "--data-dir", str(data_dir)]
    return subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, check=False
    )


def test_what_is_done_by_hand_goes_through_the_bucket_and_into_its_records(
    fleets: Callable[..., FleetProcess], data_dir: Path
) -> None:
    fleet = fleets(data_dir).ready()
    ships = json.loads(api(data_dir, "read", "ships", "--all").stdout)
    assert [ship["symbol"] for ship in ships[:2]] == [f"{fleet.agent}-1", f"{fleet.agent}-2"]
    # As the server sent it, with the prose that models leave out.
    assert ships[0]["frame"]["description"]
    done = api(data_dir, "update", "nav", ships[1]["symbol"], "flight=CRUISE")
    assert (done.returncode, done.stderr) == (0, "")
    refused = api(data_dir, "purchase-ship", "SHIP_PROBE", "X1-NO-A1")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["status"] in (400, 404)
    wrong = api(data_dir, "create", "agent", "NOBODY", "COSMIC")
    assert wrong.returncode == 2
    assert "wants the token of an account" in wrong.stderr

    def booked() -> bool:
        rows = Records(data_dir).rows("SELECT operation FROM requests WHERE behaviour = 'by hand'")
        done = {row["operation"] for row in rows}
        return done >= {"get-my-ships", "patch-ship-nav", "purchase-ship"}

    fleet.eventually(booked, "what was done by hand was not booked")
