from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .fleet_process import FleetProcess, clean_environment
from .sim_process import SimProcess

Start = Callable[..., FleetProcess]

GROWS = {"supervision.jsonl", "runtime.log", "simulator.log", "runtime.txt", "simulator.txt"}
"""What tells of every start, also of one that is refused."""

MOVES = {"world", "clock", "lock"}
"""The world of a folder that has one: its time goes on while a start is tried."""


def seen(folder: Path) -> dict[str, str]:
    """List what is in a folder, with the contents of what must not change."""
    return dict(sorted(_seen(folder)))


def _seen(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.suffix == ".out" or path.name.startswith("log-"):
            continue
        fixed = path.is_file() and path.name not in GROWS | MOVES
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if fixed else ""
        yield str(path.relative_to(folder)), digest


def run(*arguments: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Start a fleet that is to be refused."""
    return subprocess.run(
        [sys.executable, "-m", "fleet", "run", "--headless", *map(str, arguments)],
        cwd=cwd,
        env=clean_environment() | {"PYTHONPATH": str(Path.cwd())} | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(
    *arguments: str | Path, status: int, says: str, folder: Path, **env: str
) -> subprocess.CompletedProcess[str]:
    """See that a start is refused with one sentence, and that nothing has changed."""
    before = seen(folder)
    done = run(*arguments, cwd=folder, **env)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("fleet: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert says in done.stderr
    assert seen(folder) == before
    return done


@pytest.fixture
def played(fleets: Start, tmp_path: Path) -> Path:
    """A data folder in which a fleet has played."""
    folder = tmp_path / "played"
    fleet = fleets(folder, "--for", "0.5s")
    assert fleet.wait() == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--headles"], "--headless"),
        (["--for", "soon"], "such as 90, 90s"),
        (["--budgets", "cook=3"], "cook"),
        (["--database", "mysql://x/y"], "sqlite:///PATH"),
        (["--scenario", "nonesuch"], "take one of"),
        (["--api-url", "http://127.0.0.1:1", "--speed", "60"], "drop one of them"),
        (["sideways"], "sideways"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_word_on_the_command_line_is_refused(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    refused("--data-dir", "d", *arguments, status=2, says=says, folder=tmp_path)


def test_an_unknown_key_in_the_file_and_a_wrong_variable_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("sped = 3\n")
    refused("--data-dir", "d", status=2, says="did you mean 'speed'", folder=tmp_path)
    file.write_text("speed = \n")
    refused("--data-dir", "d", status=2, says="fleet.toml", folder=tmp_path)
    file.unlink()
    says = "did you mean FLEET_SPEED"
    refused("--data-dir", "d", status=2, says=says, folder=tmp_path, FLEET_SPED="3")


def test_a_data_folder_that_is_a_file_or_below_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in ("file", "file/below"):
        refused("--data-dir", path, status=1, says="--data-dir", folder=tmp_path)


def test_a_broken_universe_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "universe.json"
    options = ("--data-dir", "d", "--universe", "universe.json")
    refused(*options, status=1, says="can't be read", folder=tmp_path)
    for text in ("{broken", '{"system": 3}', "[]"):
        file.write_text(text)
        refused(*options, status=1, says="give a file with", folder=tmp_path)


def test_an_api_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    options = ("--data-dir", "a/b/d", "--api-url", "http://127.0.0.1:9")
    refused(*options, status=1, says="check --api-url", folder=tmp_path)


def test_a_token_that_the_server_refuses_is_refused(
    tmp_path: Path, simulators: Callable[..., SimProcess], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = simulators(tmp_path_factory.mktemp("world"), "--strict")
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZ2VudC10b2tlbiJ9.c2VjcmV0LXNpZ25hdHVyZQ"
    options = ("--data-dir", "d", "--api-url", world.url)
    done = refused(*options, status=1, says="token", folder=tmp_path, SPACETRADERS_TOKEN=token)
    assert token not in done.stderr
    refused(*options, status=2, says="token", folder=tmp_path, SPACETRADERS_TOKEN="two words")
    refused(*options, status=1, says="did not register", folder=tmp_path)


def test_a_folder_that_another_fleet_uses_is_refused(
    fleets: Start, data_dir: Path, tmp_path: Path
) -> None:
    fleet = fleets(data_dir).ready()
    done = run("--data-dir", data_dir, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"kill {fleet.process.pid}" in done.stderr
    assert fleet.status()["agent"]["symbol"] == fleet.agent


def test_a_database_of_a_newer_fleet_is_refused(played: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(played / "fleet.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    refused("--data-dir", played, status=1, says="newer version", folder=tmp_path)


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread, fuel\n" * 100)
    options = ("--data-dir", "d", "--database", "sqlite:///notes.txt")
    refused(*options, status=1, says="--database", folder=tmp_path)


def test_another_world_than_the_folder_has_is_refused(played: Path, tmp_path: Path) -> None:
    kept = json.loads((played / "run.json").read_text())
    refused("--data-dir", played, "--seed", "77", status=1, says="without --seed", folder=tmp_path)
    assert json.loads((played / "run.json").read_text()) == kept
