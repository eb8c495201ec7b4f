"""Each example in scripts/examples is played, in a short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.experiment_play import play
from fleet.experiments.experiment_file import parse, read
from fleet.experiments.outcome import Job

EXAMPLES = Path(__file__).resolve().parents[2] / "scripts" / "examples"
FILES = sorted(file for file in EXAMPLES.iterdir() if file.suffix in {".py", ".toml"})
SHORT = 120.0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_arm_of_an_example_can_be_played(file: Path) -> None:
    experiment = parse(file, read(file))
    for arm in experiment.arms:
        job = Job(file=str(file), source=read(file), arm=arm.name, seed=1, seconds=SHORT)
        outcome = play(job)
        assert outcome.metrics["requests"] > 0
        assert outcome.metrics["owed"] == 0
