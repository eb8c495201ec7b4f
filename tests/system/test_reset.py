"""The server is reset while a fleet plays: new universe, new token, nothing of the old one."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from .fleet_process import FleetProcess
from .playing import requested
from .records import Records
from .sim_process import SimProcess

Start = Callable[..., FleetProcess]


def reset(base_url: str) -> None:
    """Reset a simulator's universe."""
    urllib.request.urlopen(f"{base_url}/sim/reset", data=b"{}", timeout=40).close()


def lives(data_dir: Path) -> list[str]:
    """List the resets in which the fleet has played, oldest first."""
    rows = Records(data_dir).rows("SELECT reset_date FROM namespaces ORDER BY reset_date")
    return [row["reset_date"] for row in rows]


def test_in_the_embedded_simulator_the_fleet_registers_again_and_plays_on(
    fleets: Start, data_dir: Path
) -> None:
    fleet = fleets(data_dir).ready()
    requested(fleet, 20)
    old = (data_dir / "agent.token").read_text()
    place = len(fleet.look())
    reset(fleet.base_url)
    fleet.until("server.lost", since=place)
    fleet.until("fleet.started", since=place)
    assert (data_dir / "agent.token").read_text() != old
    assert len(lives(data_dir)) == 2
    requested(fleet, 20)
    books = fleet.books()
    assert books["agent"] == fleet.agent
    assert fleet.call("audit")["difference"] == 0
    # The life before is kept as it was, and no row of the new one stands in it.
    query = (
        "SELECT namespace_id, count(*) AS openings FROM ledger WHERE kind = 'opening' GROUP BY 1"
    )
    assert [row["openings"] for row in Records(data_dir).rows(query)] == [1, 1]


@pytest.mark.long
def test_elsewhere_it_registers_again_with_the_token_of_an_account_and_says_so_without(
    fleets: Start, simulators: Callable[..., SimProcess], data_dir: Path, tmp_path: Path
) -> None:
    world = simulators(tmp_path / "world", "--strict", "--speed", "60")
    options = ("--api-url", world.url, "--agent", "AGAIN")
    env = {"SPACETRADERS_TOKEN": world.account_token()}
    fleet = fleets(data_dir, *options, speed=None, env=env).ready()
    place = len(fleet.look())
    reset(world.url)
    fleet.until("fleet.started", since=place)
    assert len(lives(data_dir)) == 2
    fleet.interrupt()
    assert fleet.wait() == 0
    own = {"SPACETRADERS_TOKEN": (data_dir / "agent.token").read_text().strip()}
    fleet = fleets(tmp_path / "other", *options, speed=None, env=own).ready()
    reset(world.url)
    assert fleet.wait() == 1
    assert f"{world.url} was reset, and the token of " in fleet.output
    assert "register AGAIN again, or give the token of your account" in fleet.output
    assert "Traceback" not in fleet.output
