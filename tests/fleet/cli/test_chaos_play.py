"""`fleet chaos --script`: each fault at its time, offered again while nobody answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fleet.chaos_script import Strike
from fleet.cli._chaos_play import PATIENCE, Player
from fleet.control.client import NotRunning
from fleet.protocol.errors import UsageError
from fleet.runtime import VirtualClock

Fleet = Callable[..., Any]
Serve = Callable[[Mapping[str, Any]], None]

SCRIPT = """
[[fault]]
kind = "hang"
address = "/fleet/ships/*"
some = 1
for = "5s"
every = 0.01
times = 2

[[fault]]
kind = "db-down"
for = "1s"
"""


class Answers:
    """A fleet that does not answer for a while; tells what it took, and when."""

    def __init__(self, clock: VirtualClock, *, away: float = 0.0, refuses: str = "") -> None:
        self.taken: list[tuple[float, str]] = []
        self._clock, self._refuses = clock, refuses
        self._until = clock.now + away

    def call(self, do: str, /, *, timeout: float = 5.0, **arguments: Any) -> Any:
        if self._clock.now < self._until:
            raise NotRunning("No fleet runs.")
        if do == "actors":
            return [{"path": "/fleet/bucket"}]
        if arguments["kind"] == self._refuses:
            raise UsageError("That is refused.")
        self.taken.append((self._clock.now, arguments["kind"]))
        return {"actors": [arguments.get("address", "")]}


class Clock(VirtualClock):
    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def player(answers: Any, clock: Clock) -> Player:
    crash = {"kind": "crash", "address": "/fleet/bucket", "seconds": 1.0, "size": 1}
    strikes = [Strike(5.0, 1, crash), Strike(7.0, 2, {"kind": "db-down", "seconds": 1.0})]
    return Player(answers, strikes, 0, clock, clock.pass_by)


def test_each_fault_comes_at_its_time() -> None:
    clock = Clock(100.0)
    answers = Answers(clock)
    played = player(answers, clock)
    played.play()
    assert answers.taken == [(105.0, "crash"), (107.0, "db-down")]
    assert [one["at"] for one in played.taken] == [5.0, 7.0]
    assert (played.struck, played.refused) == (2, 0)


def test_a_runtime_that_is_started_anew_gets_its_faults_when_it_is_back() -> None:
    clock = Clock(100.0)
    answers = Answers(clock, away=9.0)
    played = player(answers, clock)
    played.play()
    assert [kind for _, kind in answers.taken] == ["crash", "db-down"]
    assert 109.0 <= answers.taken[0][0] < 110.0
    assert [one["at"] for one in played.taken] == [when - 100.0 for when, _ in answers.taken]
    assert played.refused == 0


def test_a_fleet_that_stays_away_costs_its_faults_and_no_more_than_the_patience() -> None:
    clock = Clock(100.0)
    played = player(Answers(clock, away=1e9), clock)
    played.play()
    assert (played.struck, played.refused, played.taken) == (2, 2, [])
    assert clock.now < 100.0 + 7.0 + 2 * PATIENCE + 2.0


def test_one_fault_that_is_refused_does_not_end_the_script(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock(100.0)
    answers = Answers(clock, refuses="crash")
    played = player(answers, clock)
    played.play()
    assert answers.taken == [(107.0, "db-down")]
    assert (played.struck, played.refused) == (2, 1)
    assert capsys.readouterr().err == "5s  That is refused.\n"


@pytest.fixture
def asked(serve: Serve) -> list[Mapping[str, Any]]:
    """A fleet with three ships; what it was asked for."""
    seen: list[Mapping[str, Any]] = []

    def chaos(arguments: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(arguments)
        return {"actors": [arguments["address"]] if "address" in arguments else []}

    paths = ["/fleet", "/fleet/ships/A-1", "/fleet/ships/A-2", "/fleet/ships/A-3"]
    serve({"chaos": chaos, "actors": lambda _: [{"path": path} for path in paths]})
    return seen


def test_the_command_plays_the_file_and_tells_of_each_fault(
    fleet: Fleet, asked: list[Mapping[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "storm.toml").write_text(SCRIPT)
    ran = fleet("chaos", "--script", "storm.toml", "--seed", "3")
    assert (ran.status, ran.err) == (0, "")
    first, second, third = ran.out.splitlines()
    assert first.startswith("0s  /fleet/ships/A-")
    assert first.endswith(" hangs for 5s.")
    assert second == "0s  The database takes nothing for 1s."
    assert third.endswith(" hangs for 5s.")
    before = [one["address"] for one in asked if one["kind"] == "hang"]
    asked.clear()
    told = json.loads(fleet("chaos", "--script", "storm.toml", "--seed", "3", "--json").out)
    assert [one["address"] for one in asked if one["kind"] == "hang"] == before
    assert [one["kind"] for one in told] == ["hang", "db-down", "hang"]


def test_the_command_fails_when_a_fault_was_not_taken(
    fleet: Fleet, serve: Serve, tmp_path: Path
) -> None:
    def refuse(_: Mapping[str, Any]) -> None:
        raise UsageError("That is no simulator, and cannot be asked to fail.")

    serve({"chaos": refuse, "actors": lambda _: []})
    (tmp_path / "storm.toml").write_text('[[fault]]\nkind = "api-500"')
    ran = fleet("chaos", "--script", "storm.toml")
    assert ran.status != 0
    assert "0s  That is no simulator, and cannot be asked to fail.\n" in ran.err
    assert "1 of the 1 faults of storm.toml were not taken" in ran.err


def test_a_script_needs_a_fleet_and_stands_alone(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "storm.toml").write_text(SCRIPT)
    assert "No fleet runs" in fleet("chaos", "--script", "storm.toml").err
    both = fleet("chaos", "hang", "/fleet/bucket", "--script", "storm.toml")
    assert both.err == "fleet: Give either hang or --script storm.toml, not both.\n"
    assert both.status == 2
    none = fleet("chaos")
    assert (none.status, none.out) == (2, "")
    assert none.err.startswith("fleet: Say what is to happen (hang, spin, crash, ")
    assert none.err.endswith("), or give a --script.\n")
