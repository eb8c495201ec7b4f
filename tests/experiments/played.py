"""Runs for engines in other processes, which find them by name."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from fleet.experiments.outcome import Job, Outcome


def double(job: Job) -> Outcome:
    return Outcome(arm=job.arm, seed=job.seed, metrics={"pid": os.getpid(), "two": 2.0 * job.seed})


def die_once(job: Job) -> Outcome:
    """Kill the process the first time that seed 2 is played."""
    mark = Path(job.file)
    if job.seed == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return double(job)


def wait_once(job: Job) -> Outcome:
    """Tell the pid by the pipe that the file is, and wait for the end there; without one, play."""
    if job.seed == 5 and Path(job.file).exists():
        Path(job.file).write_text(f"{os.getpid()}\n")
        signal.pause()
    return double(job)


def main() -> None:
    """Play a run that never ends, in a worker; tells the worker's pid by a file."""
    from fleet.experiments.processes import Processes

    job = Job(file=sys.argv[1], source=b"", arm="a", seed=1, seconds=1.0)
    list(Processes(1).play([job], forever))


def forever(job: Job) -> Outcome:
    Path(job.file).write_text(f"{os.getpid()}\n")
    signal.pause()
    return double(job)


if __name__ == "__main__":
    main()
