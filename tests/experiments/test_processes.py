"""Runs are played in processes of their own, which outlive nobody."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from fleet.experiments.outcome import Job
from fleet.experiments.processes import Processes

HERE = Path(__file__).resolve().parent


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module with the runs, under a name that other processes can import, too."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    spec = importlib.util.spec_from_file_location("played", HERE / "played.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "played", module)
    spec.loader.exec_module(module)
    return module


def jobs(file: Path, count: int) -> list[Job]:
    return [
        Job(file=str(file), source=b"", arm="a", seed=seed, seconds=1.0)
        for seed in range(1, count + 1)
    ]


def test_every_job_is_played_once_and_not_in_this_process(
    played: ModuleType, tmp_path: Path
) -> None:
    outcomes = list(Processes(2).play(jobs(tmp_path, 5), played.double))
    assert sorted(one.seed for one in outcomes) == [1, 2, 3, 4, 5]
    assert all(one.metrics["two"] == 2 * one.seed for one in outcomes)
    assert os.getpid() not in {one.metrics["pid"] for one in outcomes}


def test_a_worker_that_dies_fails_one_run_and_all_others_are_played(
    played: ModuleType, tmp_path: Path
) -> None:
    outcomes = list(Processes(1).play(jobs(tmp_path / "mark", 4), played.die_once))
    assert [one.seed for one in outcomes if one.failed] == [2]
    assert sorted(one.seed for one in outcomes if not one.failed) == [1, 3, 4]


def test_workers_end_when_the_one_who_started_them_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    os.mkfifo(mark)
    parent = subprocess.Popen([sys.executable, str(HERE / "played.py"), str(mark)])
    try:
        # A pipe: reading waits until the worker is there.
        worker = psutil.Process(int(mark.read_text()))
    finally:
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs([worker], timeout=40)
    assert not alive
