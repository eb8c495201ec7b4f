"""Several agents in one runtime: each with its own fleet and books, all in one allowance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .fleet_process import FleetProcess, sim_books
from .records import Records
from .test_api_command import api

LIST = """
[[agent]]
symbol = "FIRST"

[[agent]]
symbol = "SECOND"
faction = "VOID"

[[agent]]
symbol = "THIRD"
"""
SYMBOLS = ("FIRST", "SECOND", "THIRD")


def agents_file(folder: Path, text: str = LIST) -> Path:
    """Write a list of agents, for its owner alone."""
    path = folder / "agents.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def played(data_dir: Path) -> dict[str, set[str]]:
    """Tell which agents had which ships act, by the requests that were answered."""
    query = (
        "SELECT agent_symbol, ship FROM requests JOIN namespaces "
        "ON namespaces.id = requests.namespace_id WHERE ship IS NOT NULL AND outcome = 'reply'"
    )
    found: dict[str, set[str]] = {}
    for row in Records(data_dir).rows(query):
        found.setdefault(row["agent_symbol"], set()).add(row["ship"])
    return found


@pytest.mark.long
def test_each_agent_plays_with_its_own_ships_and_books_in_one_allowance(
    fleets: Callable[..., FleetProcess], data_dir: Path, tmp_path: Path
) -> None:
    listed = agents_file(tmp_path)
    fleet = fleets(data_dir, "--agents", str(listed)).ready()
    assert fleet.agent == "FIRST"
    both = {f"{symbol}-{number}" for symbol in SYMBOLS for number in (1, 2)}

    def all_act() -> bool:
        return set().union(*played(data_dir).values()) >= both

    fleet.eventually(all_act, "not every ship has acted")
    for symbol, ships in played(data_dir).items():
        assert {ship.rpartition("-")[0] for ship in ships} == {symbol}
    status = fleet.status()
    assert {ship["symbol"] for ship in status["ships"]} >= both
    assert [row["symbol"] for row in status["agents"]] == list(SYMBOLS)
    assert all(row["credits"] > 0 and row["ships"] >= 2 for row in status["agents"])
    assert status["actors"]["restarts"] == 0
    for symbol in SYMBOLS:
        ran = api(data_dir, "get-my-agent", "--agent", symbol)
        assert json.loads(ran.stdout)["symbol"] == symbol
    wrong = api(data_dir, "get-my-agent", "--agent", "NOBODY")
    assert wrong.stderr == "fleet: This fleet plays FIRST, SECOND, THIRD, not NOBODY.\n"
    # A ship that crashes comes back as the same agent's.
    audit = fleet.call("audit")
    assert [row["agent"] for row in audit["agents"]] == list(SYMBOLS)
    assert audit["difference"] == 0
    place = fleet.chaos("crash", "/fleet/agents/SECOND/ships/SECOND-1")
    fleet.until("actor.restarted", since=place, child="SECOND-1")
    fleet.interrupt()
    assert fleet.wait() == 0
    kept = {path.name for path in (data_dir / "agents").glob("*.token")}
    assert kept == {"SECOND.token", "THIRD.token"}
    query = (
        "SELECT agent_symbol, sum(delta) AS credits FROM ledger JOIN namespaces "
        "ON namespaces.id = ledger.namespace_id GROUP BY 1"
    )
    kept_books = {row["agent_symbol"]: row["credits"] for row in Records(data_dir).rows(query)}
    summary = tmp_path / "summary.json"
    options = ("--agents", str(listed), "--summary", str(summary), "--for", "3s")
    again = fleets(data_dir, *options).ready()
    # With the tokens that were kept, and books that agree with the server's without a word.
    assert again.named("ledger.reconciled") == []
    for symbol in SYMBOLS:
        assert sim_books(again.base_url, symbol)["startingCredits"] == 175_000
    assert set(kept_books) == set(SYMBOLS)
    assert again.wait() == 0
    told = json.loads(summary.read_text())
    assert (told["agent"], told["audit_difference"]) == ("FIRST", 0)
    assert [row["agent"] for row in told["further_agents"]] == ["SECOND", "THIRD"]
    assert [row["audit_difference"] for row in told["further_agents"]] == [0, 0]
    assert all(row["requests"] > 0 for row in told["further_agents"])
