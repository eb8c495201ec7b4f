"""The engine for one machine: a process for each core."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for

from fleet.experiments.engine import attempt
from fleet.experiments.outcome import Job, Outcome, Play


class Processes:
    """Plays jobs in fresh processes, which end with this one, however it ends."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def play(self, jobs: Iterable[Job], play: Play) -> Iterator[Outcome]:
        """Keep every worker busy; a worker that dies fails its job and is replaced."""
        waiting = list(jobs)
        while waiting:
            for outcome in self._until_broken(waiting, play):
                waiting = [job for job in waiting if (job.arm, job.seed) != _key(outcome)]
                yield outcome

    def _until_broken(self, jobs: list[Job], play: Play) -> Iterator[Outcome]:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_end_with_parent)
        under_way: dict[Future[Outcome], Job] = {}
        queue = iter(jobs)
        try:
            while True:
                while len(under_way) < self._workers and (job := next(queue, None)) is not None:
                    under_way[pool.submit(attempt, job, play)] = job
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                    del under_way[future]
        except BrokenProcessPool:
            # Nobody can tell whose process it was: the first of them is blamed, so that there
            # is an end even if it dies each time.
            job = next(iter(under_way.values()))
            yield Outcome(arm=job.arm, seed=job.seed, failed="its process died")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _key(outcome: Outcome) -> tuple[str, int]:
    return outcome.arm, outcome.seed


def _end_with_parent() -> None:
    """Have a thread end this process when its parent is gone, even by kill -9."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
