from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from fleet.actors.treasury import Treasury
from fleet.cli.replay import command
from fleet.host.recorded import is_outside, replay_of
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import SHIPS
from fleet.runtime import Address
from fleet.runtime.chaos import Misbehave
from fleet.runtime.recording_frames import LENGTH
from fleet.runtime.replay_comparison import Divergence
from fleet.virtual_fleet import VirtualFleet

SEED = 3


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    path = folder / "run.rec"
    fleet = VirtualFleet(SEED, folder, record=path)
    fleet.run_for(200)
    ship = next(c.address for c in fleet.system.cells() if c.address.path.startswith(f"{SHIPS}/"))
    misbehave(fleet, ship)
    fleet.run_for(100)
    fleet.close()
    assert fleet.recorder is not None
    assert not fleet.recorder.failure
    return path


def misbehave(fleet: VirtualFleet, ship: Address[Any]) -> None:
    for kind in ("crash", "hang"):
        ship.tell(Misbehave(kind))  # type: ignore[arg-type]
        fleet.run_for(70)


def replay(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_a_whole_fleet_is_played_again_to_the_same_digest(recording: Path) -> None:
    played = replay_of(recording).run()
    assert played.turns > 150
    assert played.digest == played.recorded
    assert not played.stopped
    assert played.ended - played.began > 430
    assert [turn.kind for turn, _ in played.hung] == ["Misbehave"]


def test_a_token_is_in_no_recording(recording: Path) -> None:
    kept = recording.read_bytes()
    assert b"eyJ" not in kept
    assert b"authorization" not in kept.lower()
    assert b"COSMIC" in kept


def test_the_command_tells_what_an_actor_saw_up_to_a_moment(recording: Path) -> None:
    told = json.loads(
        replay(str(recording), "--json", "--actor", "/fleet/treasury", "--until", "2m").stdout
    )
    assert told["equal"]
    assert 90 < told["game_seconds"] <= 120
    assert told["stopped"].startswith("time")
    assert told["saw"][0]["kind"] == "Starting"
    assert {row["kind"] for row in told["saw"]} >= {"TreasuryQuery", "Release"}


def test_the_command_stops_before_a_hang_and_before_a_message(recording: Path) -> None:
    shown = replay(str(recording), "--until", "hang").stdout
    assert "(Misbehave) at /fleet/ships/" in shown
    number = shown.partition("#")[2].split()[0]
    assert f"#{number}" in replay(str(recording), "--until", f"#{number}").stdout


def test_the_command_names_what_it_stops_for(recording: Path) -> None:
    with pytest.raises(UsageError, match="--until takes hang, crash"):
        replay(str(recording), "--until", "whenever")


def test_the_command_says_so_when_nothing_was_found(recording: Path) -> None:
    with pytest.raises(UsageError, match=r"No actor at /fleet/treasure .* /fleet/treasury"):
        replay(str(recording), "--until", "2m", "--actor", "/fleet/treasure")
    never = replay(str(recording), "--until", "#999999999")
    assert "has no #999999999: it was played to its end" in never.stderr
    assert never.exit_code == 1


def test_a_file_that_was_cut_off_is_told_of(recording: Path, tmp_path: Path) -> None:
    assert "cut off" not in replay(str(recording)).stdout
    part = tmp_path / "part.rec"
    data = recording.read_bytes()
    part.write_bytes(data[:-1])
    assert "The recording was cut off" in replay(str(part)).stdout
    part.write_bytes(data[: len(data) // 2])
    assert json.loads(replay(str(part), "--json").stdout)["cut_off"]
    (header,) = LENGTH.unpack(data[: LENGTH.size])
    part.write_bytes(data[: LENGTH.size + header])
    with pytest.raises(UsageError, match="no message in it: it was cut off"):
        replay(str(part))


def test_code_that_does_something_else_is_found_out(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Treasury, "_reserved", lambda self, ctx: 1)
    with pytest.raises(Divergence, match="/fleet/treasury"):
        replay_of(recording).run()


@pytest.mark.parametrize(
    ("path", "outside"),
    [
        ("/fleet/api", False),
        ("/fleet/api/worker-1", True),
        ("/fleet/writer", True),
        ("/fleet/agents/OTHER/writer", True),
        ("/fleet/experiments/one", True),
        ("/fleet/ships/X-1", False),
        ("/fleet/bucket", False),
    ],
)
def test_only_what_works_with_sockets_or_the_database_is_outside(path: str, outside: bool) -> None:
    assert is_outside(path) is outside
