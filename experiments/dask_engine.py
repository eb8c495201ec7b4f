"""The engine for several machines: a dask cluster, whose workers have fleet installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

from fleet.experiments.engine import attempt
from fleet.experiments.outcome import Job, Outcome, Play
from fleet.protocol.errors import SetupError

PATIENCE = 10
"""Wall seconds to reach the scheduler."""


class DaskEngine:
    """Plays jobs on the workers of a scheduler; what a worker took with it is played elsewhere."""

    def __init__(self, address: str) -> None:
        """Name the scheduler: host and port."""
        self._address = address

    def play(self, jobs: Iterable[Job], play: Play) -> Iterator[Outcome]:
        """Give out all jobs, the first ones first.

        Raises SetupError without a cluster: none is there, or its workers are of other versions.
        """
        try:
            # Untyped, and in an extra of its own.
            distributed: Any = importlib.import_module("distributed")
        except ImportError as missing:
            raise SetupError(
                "dask is not installed; run: pip install 'fleet[cluster]'"
            ) from missing
        try:
            client = distributed.Client(
                f"tcp://{self._address}", timeout=PATIENCE, set_as_default=False
            )
        except (OSError, ValueError) as failure:
            text = f"No dask scheduler answers at {self._address}; start one: dask scheduler"
            raise SetupError(text) from failure
        with client:
            waiting = list(jobs)
            futures = {
                client.submit(attempt, job, play, pure=False, priority=-turn): job
                for turn, job in enumerate(waiting)
            }
            for future in distributed.as_completed(futures, loop=client.loop):
                yield _outcome(future, futures[future])


def _outcome(future: Any, job: Job) -> Outcome:
    """Read what a worker gave; a job whose workers died one after the other has failed."""
    try:
        outcome: Outcome = future.result()
    except Exception as failure:
        why = f"{type(failure).__name__}: {failure}"
        return Outcome(arm=job.arm, seed=job.seed, failed=why)
    return outcome
