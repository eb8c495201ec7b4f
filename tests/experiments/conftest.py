"""Experiments whose runs are plain sums, so that every figure is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.experiments.arm import Arm
from fleet.experiments.experiment import Experiment


@pytest.fixture
def experiment() -> Experiment:
    """Two arms and six seeds."""
    return Experiment(
        name="ab", arms=(Arm(name="plain"), Arm(name="better")), seeds=(1, 2, 3, 4, 5, 6)
    )


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    file = tmp_path / "probes.toml"
    file.write_text(
        'seeds = 3\nhours = 2\n[[arms]]\nname = "default"\n'
        '[[arms]]\nname = "many"\nships = 60\nwants = [["SHIP_PROBE", 9, 1000]]\n'
    )
    return file
