"""Mailboxes: they belong to the address, so that what is queued outlives an incarnation."""

from __future__ import annotations

import queue
from collections import deque
from enum import Enum
from typing import Protocol

from fleet.runtime.envelope import Envelope


class Put(Enum):
    """What became of a message that was put."""

    ACCEPTED = "accepted"
    REJECTED = "overflow"


class Mailbox(Protocol):
    """One consumer at a time (the address's live incarnation), any number of producers."""

    def put(self, envelope: Envelope) -> Put:
        """Queue a message; never blocks."""
        ...

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel, ahead of all others."""
        ...

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again, ahead of what came after it."""
        ...

    def get(self, timeout: float | None) -> Envelope | None:
        """Take the next message; None when none came in `timeout` seconds (None: wait)."""
        ...

    def __len__(self) -> int:
        """Count what waits; a snapshot."""
        ...


class Fifo:
    """First in, first out, system lane first; bounded when `bound` is given.

    Built on SimpleQueue and deque: their operations are atomic in C, so a thread that is
    abandoned in the middle of one cannot leave a lock behind.
    """

    def __init__(self, bound: int | None = None) -> None:
        self._bound = bound
        self._system: deque[Envelope] = deque()
        self._front: deque[Envelope] = deque()
        # None wakes the consumer for what lies in `_system` or `_front`.
        self._queue: queue.SimpleQueue[Envelope | None] = queue.SimpleQueue()

    def put(self, envelope: Envelope) -> Put:
        """Queue a message, or refuse it when the bound is reached."""
        if self._bound is not None and self._queue.qsize() >= self._bound:
            return Put.REJECTED
        self._queue.put(envelope)
        return Put.ACCEPTED

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel, ahead of all others."""
        self._system.append(envelope)
        self._queue.put(None)

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again, ahead of what came after it."""
        self._front.appendleft(envelope)
        self._queue.put(None)

    def get(self, timeout: float | None) -> Envelope | None:
        """Take the next message, system lane first."""
        while True:
            if self._system:
                return self._system.popleft()
            if self._front:
                return self._front.popleft()
            try:
                taken = self._queue.get(block=timeout != 0, timeout=timeout or None)
            except queue.Empty:
                return None
            if taken is not None:
                if not self._system:
                    return taken
                # A system message came while this one was taken: it goes first.
                self._front.appendleft(taken)

    def __len__(self) -> int:
        return len(self._system) + len(self._front) + self._queue.qsize()
