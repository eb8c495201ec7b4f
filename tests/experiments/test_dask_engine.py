"""Runs are played by a cluster: a scheduler and workers on addresses of their own."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from fleet.experiments.dask_engine import DaskEngine
from fleet.experiments.engine import InOrder
from fleet.experiments.outcome import Job
from fleet.protocol.errors import SetupError

# dask's own import and its sockets warn in ways that say nothing about us.
pytestmark = pytest.mark.filterwarnings("ignore")
HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def played() -> Iterator[ModuleType]:
    """The module with the runs, under a name that the workers can import, too."""
    spec = importlib.util.spec_from_file_location("played", HERE / "played.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["played"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["played"]


def dask(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", *arguments, "--no-dashboard"]
    env = os.environ | {"PYTHONPATH": str(HERE)}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)


def said(process: subprocess.Popen[str], *marks: str) -> str:
    """Wait for a line of the log that has all marks."""
    assert process.stderr is not None
    for line in process.stderr:
        if all(mark in line for mark in marks):
            return line
    raise AssertionError(f"{process.args} ended without saying {marks}")


class Cluster:
    def __init__(self) -> None:
        scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        self.scheduler = dask(*scheduler)
        line = said(self.scheduler, "Scheduler at:", "tcp://")
        self.address = line.rpartition("tcp://")[2].strip()
        self.workers = [self._worker(host) for host in ("127.0.0.2", "127.0.0.3")]

    def _worker(self, host: str) -> subprocess.Popen[str]:
        more = ("--host", host, "--nthreads", "1", "--no-nanny")
        worker = dask("distributed.cli.dask_worker", f"tcp://{self.address}", *more)
        said(worker, "Registered to")
        return worker

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGKILL)
            process.communicate()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Cluster()
        yield made
        made.close()


def jobs(file: Path, count: int) -> list[Job]:
    return [
        Job(file=str(file), source=b"", arm="a", seed=seed, seconds=1.0)
        for seed in range(1, count + 1)
    ]


def test_a_cluster_plays_what_one_machine_plays_though_a_worker_is_killed_amid_a_run(
    cluster: Cluster, played: ModuleType, tmp_path: Path
) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    engine = DaskEngine(cluster.address)
    outcomes = engine.play(jobs(pipe, 8), played.wait_once)
    pids = {worker.pid for worker in cluster.workers}
    first = next(outcomes)
    assert first.metrics["pid"] in pids
    # The worker whose run waits says who it is; killed, it takes that run with it.
    victim = int(pipe.read_text())
    pipe.unlink()
    assert victim in pids
    psutil.Process(victim).kill()
    rest = list(outcomes)
    together = sorted([first, *rest], key=lambda one: one.seed)
    local = list(InOrder().play(jobs(tmp_path / "none", 8), played.double))
    assert [one.metrics["two"] for one in together] == [one.metrics["two"] for one in local]
    assert [one.failed for one in together] == [""] * 8


def test_no_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.experiments.dask_engine.PATIENCE", 1)
    with pytest.raises(SetupError, match="No dask scheduler answers"):
        next(iter(DaskEngine("127.0.0.1:1").play([], lambda job: None)))  # type: ignore[arg-type, return-value]
