"""Asks the system what this process uses."""

from __future__ import annotations

import resource
from typing import Protocol

import psutil

from fleet.protocol.clock import Clock
from fleet.supervision.resources.sample import Memory, ProcessSample


class Gauge(Protocol):
    """Measures the process it runs in; callable from any thread."""

    def memory(self) -> Memory:
        """Read the memory alone; takes some 20 microseconds."""
        ...

    def sample(self) -> ProcessSample:
        """Read everything; takes some 0.2 milliseconds, for one caller at a time."""
        ...

    def thread_times(self) -> dict[int, float]:
        """Tell the seconds that each thread has computed, by native id; some 10 us a thread."""
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
        return ProcessSample(
            at=self._clock.monotonic(),
            memory=self.memory(),
            cpu=self._process.cpu_percent(),
            files=self._process.num_fds(),
            threads=self._process.num_threads(),
        )

    def thread_times(self) -> dict[int, float]:
        """Read each thread's user and system time."""
        return {one.id: one.user_time + one.system_time for one in self._process.threads()}

    @property
    def file_limit(self) -> int:
        """The soft limit on descriptors."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return 0 if soft == resource.RLIM_INFINITY else soft
