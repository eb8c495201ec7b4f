"""`fleet api` on the command line: against a real server, and through a fleet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.api.call import Answered
from fleet.api.doors import open_door
from fleet.api.keys import keys_of
from fleet.api.words import read_words
from fleet.config import Config
from fleet.protocol.endpoints import ENDPOINTS, Auth

Fleet = Callable[..., Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A simulator of its own; gives its address."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FLEET_", "SPACETRADERS_"))}
    folder = str(tmp_path_factory.mktemp("world"))
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--limits", "off"]
    process = subprocess.Popen(
        [*command, "--data-dir", folder], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip().removesuffix("/v2")
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture
def token(server: str, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A newly registered agent, whose token stands in the environment; gives its call sign."""
    symbol = f"T{os.urandom(4).hex()}".upper()
    monkeypatch.setenv("SPACETRADERS_TOKEN", "a.b.c")
    words = ("create", "agent", f"symbol={symbol}", "faction=COSMIC", "--json")
    made = fleet("api", *words, "--api-url", server)
    assert made.status == 0, made.err
    monkeypatch.setenv("SPACETRADERS_TOKEN", json.loads(made.out)["token"])
    return symbol


def test_the_list_has_every_operation(fleet: Fleet):
    assert len(fleet("api", "--list").out.splitlines()) == 1 + len(ENDPOINTS)
    listed = json.loads(fleet("api", "--list", "--json").out)
    assert {row["operation"] for row in listed} == {row.operation for row in ENDPOINTS}


def test_without_words_it_says_what_to_do(fleet: Fleet):
    ran = fleet("api")
    assert (ran.status, ran.out) == (2, "")
    assert "--list lists them all" in ran.err


def test_without_a_fleet_and_an_api_it_says_what_to_do(fleet: Fleet):
    ran = fleet("api", "get-my-agent")
    assert ran.status == 1
    assert "Or name an API with --api-url." in ran.err


def test_an_agent_is_played_by_hand(fleet: Fleet, server: str, token: str):
    def api(*words: str) -> Any:
        ran = fleet("api", *words, "--api-url", server, "--json")
        assert ran.status == 0, ran.err
        return json.loads(ran.out)

    assert api("get-my-agent")["symbol"] == token
    ships = api("read", "ships", "--all")
    assert [ship["symbol"] for ship in ships] == [f"{token}-1", f"{token}-2"]
    assert api("create", "orbit", ships[0]["symbol"])["nav"]["status"] == "IN_ORBIT"
    assert api("update", "nav", ships[0]["symbol"], "flight=DRIFT")["nav"]["flightMode"] == "DRIFT"
    where = ships[1]["nav"]["waypointSymbol"]
    assert api("read", "shipyard", where)["symbol"] == where
    system = where.rpartition("-")[0]
    waypoints = api("read", "waypoints", system, "--all")
    assert len(waypoints) > 20
    assert fleet("api", "read", "waypoints", system, "--api-url", server).out.count("\n") == 11


def test_every_operation_reaches_the_game(server: str, token: str):
    """Each is done, or refused by the rules; what there is no route for has a text of its own."""
    samples = {"whole number": "3", "JSON": '[{"symbol": "IRON"}]'}
    known = {"shipSymbol": f"{token}-1", "systemSymbol": "X1-NO", "factionSymbol": "COSMIC"}
    door = open_door(Config(api_url=server), dict(os.environ))
    for row in ENDPOINTS:
        needed = [key for key in keys_of(row) if key.needed]
        values = {
            key.name: known.get(key.name, samples.get(key.kind, "X1-NO-A1")) for key in needed
        }
        if row.auth is Auth.ACCOUNT:
            continue
        said = door.send(read_words([row.operation, *(f"{n}={v}" for n, v in values.items())]))
        assert isinstance(said, Answered) or said.code, row.operation
        assert "Route " not in getattr(said, "message", ""), row.operation


def test_a_refusal_has_its_own_exit_code_and_keeps_its_data(fleet: Fleet, server: str, token: str):
    words = ("navigate-ship", f"{token}-2", "X1-NO-A1", "--api-url", server)
    ran = fleet("api", *words)
    assert ran.status == 1
    assert ran.err.startswith("fleet: The game refuses: ")
    assert ran.err.endswith(" (code 4236).\n")
    assert ". (" not in ran.err
    ran = fleet("api", *words, "--json")
    assert ran.status == 1
    assert json.loads(ran.out)["error"]["code"] == 4236


def test_a_running_fleet_does_it_without_a_token(fleet: Fleet, serve: Any):
    asked: list[Any] = []

    def answer(arguments: Any) -> Any:
        if "operation" not in arguments:
            return {"plays": "http://there"}
        asked.append(dict(arguments))
        return {"data": {"symbol": "A-1"}}

    serve({"api": answer})
    ran = fleet("api", "read", "ship", "A-1")
    assert ran.out == "symbol: A-1\n"
    assert asked[0]["operation"] == "get-my-ship"
    assert asked[0]["params"] == {"shipSymbol": "A-1"}


def test_a_fleet_that_plays_elsewhere_is_not_asked(fleet: Fleet, serve: Any, server: str):
    serve({"api": lambda _: {"plays": "http://elsewhere"}})
    ran = fleet("api", "read", "status", "--api-url", server, "--json")
    assert json.loads(ran.out)["version"].startswith("v2")


def test_a_body_is_read_from_a_file(fleet: Fleet, serve: Any, tmp_path: Path):
    bodies: list[Any] = []

    def answer(arguments: Any) -> Any:
        bodies.append(arguments.get("body"))
        return {"plays": "http://there"} if "operation" not in arguments else {"data": None}

    serve({"api": answer})
    (tmp_path / "goods.json").write_text('{"symbol": "IRON", "units": 2}')
    ran = fleet("api", "sell-cargo", "A-1", "--body", f"@{tmp_path / 'goods.json'}")
    assert (ran.status, bodies[-1]) == (0, {"symbol": "IRON", "units": 2})
    ran = fleet("api", "sell-cargo", "A-1", "--body", "@nowhere")
    assert ran.status == 2
    assert "The body cannot be read from nowhere" in ran.err
