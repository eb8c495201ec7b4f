"""A gauge whose needles a test moves, and a watch on a system in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleet.protocol.clock import Monotonic
from fleet.supervision.resources.gauge import Gauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.sample import MB, Memory, ProcessSample, Snapshot
from fleet.supervision.resources.watch import ResourceWatch


class Needles(Gauge):
    """A gauge that shows what it is told to."""

    def __init__(self) -> None:
        self.now, self.rss, self.vms = 1000.0, 100 * MB, 400 * MB
        self.cpu, self.files, self.threads, self.limit = 5.0, 20, 50, 1024
        self.times: dict[int, float] = {}

    def memory(self) -> Memory:
        return Memory(self.rss, self.vms)

    def sample(self) -> ProcessSample:
        return ProcessSample(
            at=Monotonic(self.now),
            memory=self.memory(),
            cpu=self.cpu,
            computed=2.5,
            files=self.files,
            threads=self.threads,
        )

    def snapshot(self) -> Snapshot:
        return Snapshot(memory=self.memory(), computed=2.5, files=self.files, threads=self.threads)

    def thread_time(self, native_id: int) -> float:
        return self.times.get(native_id, 0.0)

    @property
    def file_limit(self) -> int:
        return self.limit


@pytest.fixture
def gauge() -> Needles:
    return Needles()


@pytest.fixture
def watch_over(gauge: Needles) -> Iterator[Callable[..., ResourceWatch]]:
    """Make a watch; one that was started ends with the test."""
    made: list[ResourceWatch] = []

    def make(stage: Any, **options: Any) -> ResourceWatch:
        given = {"task": "runtime", "limits": ResourceLimits(), "shed": lambda _: None} | options
        made.append(ResourceWatch(stage.system, stage.events, gauge, **given))
        return made[-1]

    yield make
    for watch in made:
        if watch._thread.is_alive():
            watch.close()
