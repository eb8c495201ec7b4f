"""The page about experiments leads from an idea to a running fleet, as it stands."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .fleet_process import clean_environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "experiments.md"
SEEDS = "--seeds 30"
PATIENCE = 1200


def chapter() -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.split("## From an idea to a running fleet\n")[1].split("\n## ")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", chapter(), re.DOTALL)


def follow(folder: Path, commands: str) -> str:
    """Do in a shell what the page says; tells what it printed."""
    (folder / "roaming_probes.py").write_text(blocks("python")[0], encoding="utf-8")
    env = clean_environment()
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-eu", "-c", commands],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told, _ = shell.communicate(timeout=PATIENCE)
    finally:
        # A fleet that a failed step has left goes with its guard.
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
    assert shell.returncode == 0, told
    return told


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param("--seeds 1 --game 10s --workers 1", id="short"),
        pytest.param(SEEDS, id="as it stands", marks=pytest.mark.long),
    ],
)
@pytest.mark.timeout(PATIENCE)
def test_the_way_from_an_idea_to_a_running_fleet_can_be_gone(tmp_path: Path, seeds: str) -> None:
    commands = "".join(blocks("sh"))
    assert commands.count(SEEDS) == 1
    told = follow(tmp_path, commands.replace(SEEDS, seeds))
    whole = seeds == SEEDS
    sentence = r"interval .*, \d+ of 30 seeds had more" if whole else "1 paired seed is too few"
    assert re.search(sentence, told), told
    assert (tmp_path / "roaming_probes.png").read_bytes().startswith(b"\x89PNG")
    assert "roaming_probes (behaviour run) runs with NEWCOMER-2" in told
    assert re.search(r"roaming_probes +running +behaviour run +NEWCOMER-2", told), told
    assert "roaming_probes has ended" in told
    # It is the conductor's own ship again.
    last = [line for line in told.splitlines() if "NEWCOMER-2" in line][-1]
    assert "roam" not in last
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("data", "roaming_probes.png", "roaming_probes.py")
    ]


def test_the_page_shows_the_example_as_it_is_and_names_all_of_them() -> None:
    examples = ROOT / "scripts" / "examples"
    assert blocks("python") == [(examples / "roaming_probes.py").read_text(encoding="utf-8")]
    text = PAGE.read_text(encoding="utf-8")
    for file in examples.rglob("*.*"):
        assert file.name in text or file.suffix == ".pyc", file
