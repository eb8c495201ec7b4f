"""Where runs are played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from fleet.experiments.outcome import Job, Outcome, Play


class Engine(Protocol):
    """Plays jobs, several at once, and gives each outcome as soon as it is there."""

    def play(self, jobs: Iterable[Job], play: Play) -> Iterator[Outcome]:
        """Play the jobs in about the order given; a job that fails gives a failed outcome."""
        ...


class InOrder:
    """Plays one job after the other, in this thread."""

    def play(self, jobs: Iterable[Job], play: Play) -> Iterator[Outcome]:
        """Play each job when its outcome is asked for."""
        for job in jobs:
            yield attempt(job, play)


def attempt(job: Job, play: Play) -> Outcome:
    """Play a job; a failure of its arm is an outcome, too."""
    try:
        return play(job)
    except Exception as failure:
        why = f"{type(failure).__name__}: {failure}"
        return Outcome(arm=job.arm, seed=job.seed, failed=why)
