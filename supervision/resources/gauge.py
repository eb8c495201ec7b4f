"""Asks the system what this process uses."""

from __future__ import annotations

import resource
import sys
from typing import Protocol

import psutil

from fleet.protocol.clock import Clock
from fleet.runtime.clocks import process_seconds, thread_seconds
from fleet.supervision.resources.sample import Memory, ProcessSample, Snapshot


class Gauge(Protocol):
    """Measures the process it runs in; callable from any thread."""

    def memory(self) -> Memory:
        """Read the memory alone; takes some 20 microseconds."""
        ...

    def sample(self) -> ProcessSample:
        """Read everything; takes some 0.2 milliseconds, for one caller at a time."""
        ...

    def snapshot(self) -> Snapshot:
        """Read what an operation may change; takes some 0.1 milliseconds."""
        ...

    def thread_time(self, native_id: int) -> float:
        """Tell the seconds that a thread has computed; 0 for one that has ended."""
        ...

    @property
    def file_limit(self) -> int:
        """The most descriptors that the process may have; 0 where there is no limit."""
        ...


class ProcessGauge:
    """The system's own figures, by psutil."""

    def __init__(self, clock: Clock) -> None:
        """Look at this process; the CPU counts from here on."""
        self._clock = clock
        self._process = psutil.Process()
        self._process.cpu_percent()

    def memory(self) -> Memory:
        """Read resident and virtual size."""
        read = self._process.memory_info()
        return Memory(rss=read.rss, vms=read.vms)

    def sample(self) -> ProcessSample:
        """Read everything but the single threads."""
        seen = self.snapshot()
        return ProcessSample(
            at=self._clock.monotonic(),
            cpu=self._process.cpu_percent(),
            memory=seen.memory,
            computed=seen.computed,
            files=seen.files,
            threads=seen.threads,
        )

    def snapshot(self) -> Snapshot:
        """Read all but what compares with the last reading: several may ask at once."""
        return Snapshot(
            memory=self.memory(),
            computed=process_seconds(),
            files=self._process.num_fds(),
            threads=self._process.num_threads(),
        )

    def thread_time(self, native_id: int) -> float:
        """Read user and system time together."""
        if sys.platform == "linux":
            return thread_seconds(native_id)
        times = {one.id: one.user_time + one.system_time for one in self._process.threads()}
        return times.get(native_id, 0.0)

    @property
    def file_limit(self) -> int:
        """The soft limit on descriptors."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return 0 if soft == resource.RLIM_INFINITY else soft
