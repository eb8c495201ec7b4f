"""Which workers live and which of them are free, as the bucket knows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import msgspec


class Worker(msgspec.Struct, frozen=True):
    """One incarnation of a worker."""

    path: str
    incarnation: int


@dataclass(slots=True)
class WorkerPool:
    """Whoever was busy last goes first: few connections, and those warm."""

    _live: dict[str, int] = field(default_factory=dict)
    """By path, the incarnation that is known to live."""

    _dead: dict[str, int] = field(default_factory=dict)
    """By path, the newest incarnation that is known to have ended."""

    _free: deque[Worker] = field(default_factory=deque)

    @property
    def live(self) -> int:
        """Count the workers that live."""
        return len(self._live)

    @property
    def free(self) -> int:
        """Count the workers with nothing in hand."""
        return len(self._free)

    def ready(self, worker: Worker) -> None:
        """Take note that a worker has nothing in hand."""
        # What a worker said last may arrive after the news of its end, which goes first.
        if worker.incarnation <= self._dead.get(worker.path, -1):
            return
        if worker.incarnation < self._live.get(worker.path, 0):
            return
        self._live[worker.path] = worker.incarnation
        for other in self._free:
            if other.path == worker.path:
                self._free.remove(other)
                break
        self._free.append(worker)

    def down(self, path: str, incarnation: int) -> None:
        """Take note that an incarnation of a worker has ended, and every one before it."""
        self._dead[path] = max(incarnation, self._dead.get(path, -1))
        if self._live.get(path, 0) <= incarnation:
            self._live.pop(path, None)
            self._free = deque(other for other in self._free if other.path != path)

    def take(self) -> Worker | None:
        """Take the worker that was busy last; None when all are busy."""
        return self._free.pop() if self._free else None
