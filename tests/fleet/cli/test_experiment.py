"""`fleet experiment` on runs that are kept already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.experiments.experiment_file import digest
from fleet.experiments.outcome import Outcome
from fleet.experiments.outcomes import Header, Outcomes
from fleet.storage.experiment_runs import experiment_runs
from fleet.storage.reader import open_reader

Fleet = Callable[..., Any]

FILE = b"""
name = "probes"
seeds = 8
hours = 1
[[arms]]
name = "many"
[[arms]]
name = "few"
ships = 3
"""


@pytest.fixture
def played(tmp_path: Path) -> Path:
    """Give the file of an experiment all of whose runs are kept."""
    file = tmp_path / "probes.toml"
    file.write_bytes(FILE)
    kept = Outcomes(tmp_path / "experiments" / "probes.jsonl")
    header = Header(
        name="probes",
        definition=digest(FILE),
        seconds=3600.0,
        arms=("many", "few"),
        metric="net_worth_gain",
    )
    kept.open(header, fresh=True)
    # Side by side, the second arm's run may be the first to end.
    for seed in range(1, 9):
        for arm, each in (("few", 1010.0), ("many", 1000.0)):
            gain = {"net_worth_gain": each * seed, "requests": 90.0 - seed}
            kept.keep(Outcome(arm=arm, seed=seed, metrics=gain))
    return file


def test_a_finished_experiment_is_copied_into_the_database(fleet: Fleet, played: Path) -> None:
    ran = fleet("experiment", "run", str(played))
    assert (ran.status, ran.err) == (0, "")
    assert "few has 45.000 (1.0%) more net_worth_gain than many" in ran.out
    reader = open_reader(f"sqlite:///{played.parent}/fleet.sqlite")
    try:
        runs = experiment_runs(reader, "probes")
    finally:
        reader.close()
    assert [(run.arm, run.seed) for run in runs[:2]] == [("few", 1), ("few", 2)]
    figures = {"net_worth_gain": 1010.0, "requests": 89.0}
    assert (len(runs), runs[0].metrics, runs[0].seconds) == (16, figures, 3600)


def test_the_first_arm_of_the_file_is_what_the_others_are_compared_with(
    fleet: Fleet, played: Path
) -> None:
    said = "few has 45.000 (1.0%) more net_worth_gain than many"
    assert said in fleet("experiment", "compare", "probes").out
    assert "many has 45.000" in fleet("experiment", "compare", "probes", "--baseline", "few").out
    shown = fleet("experiment", "show", "probes").out.splitlines()
    assert shown[0].split() == ["Mean", "over", "seeds", "many", "few"]
    assert "16 runs of 1h 00m; arms many, few" in fleet("experiment", "list").out


def test_arms_are_compared_by_the_figure_that_decides(fleet: Fleet, played: Path) -> None:
    by_requests = FILE.replace(b"seeds = 8", b'seeds = 8\nmetric = "requests"')
    kept = played.parent / "experiments" / "probes.jsonl"
    text = kept.read_text().replace(digest(FILE), digest(by_requests))
    kept.write_text(text.replace('"metric":"net_worth_gain"', '"metric":"requests"'))
    played.write_bytes(by_requests)
    told = fleet("experiment", "run", str(played)).out
    assert "requests" in told
    assert told.endswith(fleet("experiment", "compare", "probes").out)


def test_of_an_experiment_without_a_run_that_is_said(fleet: Fleet, played: Path) -> None:
    kept = played.parent / "experiments" / "probes.jsonl"
    kept.write_text(kept.read_text().partition("\n")[0] + "\n")
    for command in (("compare", "probes"), ("plot", "probes", "x.png")):
        ran = fleet("experiment", *command)
        assert (ran.status, ran.out) == (1, "")
        assert "No run of probes is finished yet" in ran.err


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--engine", "cloud"), "there is no engine 'cloud'; give processes or dask://HOST:PORT"),
        (("--workers", "0"), "--workers must be 1 or more"),
        (("--engine", "dask://"), "names no scheduler; give dask://HOST:PORT"),
        (("--engine", "dask://host"), "names no scheduler"),
        (("--data-dir", "/dev/null/x"), "/dev/null/x cannot be made: Not a directory."),
        (("--engine", "dask://x:1", "--workers", "2"), "--workers is for processes"),
        (("--game", "soon"), "--game: "),
        (("--database", "sqlite:////no/such/folder/x"), "create it first"),
    ],
)
def test_no_run_is_forgotten_for_a_command_that_is_refused(
    fleet: Fleet, played: Path, wrong: tuple[str, str], sentence: str
) -> None:
    kept = (played.parent / "experiments" / "probes.jsonl").read_bytes()
    ran = fleet("experiment", "run", str(played), "--fresh", *wrong)
    assert ran.status in (1, 2)
    assert sentence in ran.err
    assert ran.err.count("\n") == 1
    assert (played.parent / "experiments" / "probes.jsonl").read_bytes() == kept


def test_a_comparison_is_drawn(fleet: Fleet, played: Path) -> None:
    picture = played.parent / "probes.png"
    assert fleet("experiment", "plot", "probes", str(picture)).status == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_what_is_not_known_or_not_to_be_written_is_refused(
    fleet: Fleet, played: Path
) -> None:
    ran = fleet("experiment", "plot", "probes", "x.png", "--metric", "luck")
    assert (ran.status, ran.out) == (2, "")
    assert "it has net_worth_gain" in ran.err
    ran = fleet("experiment", "plot", "probes", str(played.parent / "no" / "x.png"))
    assert ran.status == 1
    assert "cannot be written" in ran.err
