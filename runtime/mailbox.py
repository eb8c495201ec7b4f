"""Mailboxes: they belong to the address, so that what is queued outlives an incarnation."""

from __future__ import annotations

import queue
from collections import deque
from enum import Enum
from typing import Protocol

from fleet.runtime.envelope import Envelope

Bell = queue.SimpleQueue[None]
"""Rings once for each message put, and for each `wake`; every incarnation has its own."""


def wait(bell: Bell, timeout: float | None) -> bool:
    """Wait until a bell rings (None: for ever); False when the time is over."""
    try:
        bell.get(block=timeout != 0, timeout=timeout or None)
    except queue.Empty:
        return False
    return True


class Put(Enum):
    """What became of a message that was put."""

    ACCEPTED = "accepted"
    REJECTED = "overflow"


class Mailbox(Protocol):
    """Any number of producers; the address's live incarnation alone takes messages out.

    Waiting and taking are two steps: an incarnation that was cut off while it waited must not
    take anything, so the cell takes the message under the lock that also guards the fence.
    """

    def put(self, envelope: Envelope) -> Put:
        """Queue a message; never blocks."""
        ...

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel, ahead of all others."""
        ...

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again, ahead of what came after it; nobody may be taking meanwhile."""
        ...

    def renew(self) -> Bell:
        """Hang up another bell, for a new incarnation; it has rung for all that waits.

        Whoever waits at the last bell can't take what rings for the new one.
        """
        ...

    def wake(self) -> None:
        """Ring the bell though nothing came."""
        ...

    def pop(self) -> Envelope | None:
        """Take the next message, system lane first; None when there is none. Never blocks."""
        ...

    def get(self, timeout: float | None) -> Envelope | None:
        """Wait at the bell and take; None when nothing came in `timeout` seconds."""
        ...

    def drain(self) -> list[Envelope]:
        """Take out everything, in order, since the address closes."""
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
        """What was given back: older than anything in `_queue`."""

        self._queue: deque[Envelope] = deque()
        self._bell: Bell = queue.SimpleQueue()

    def put(self, envelope: Envelope) -> Put:
        """Queue a message, or refuse it when the bound is reached."""
        if self._bound is not None and len(self._queue) >= self._bound and not envelope.own:
            return Put.REJECTED
        self._queue.append(envelope)
        self._bell.put(None)
        return Put.ACCEPTED

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel, ahead of all others."""
        self._system.append(envelope)
        self._bell.put(None)

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again at its old place, which its id tells."""
        place = sum(other.id < envelope.id for other in self._front)
        self._front.insert(place, envelope)
        self._bell.put(None)

    def renew(self) -> Bell:
        """Hang up another bell, for a new incarnation; it has rung for all that waits."""
        # First hung up, then rung: a producer queues first and rings then, so that each message
        # is either counted here or rung for at the new bell.
        bell: Bell = queue.SimpleQueue()
        self._bell = bell
        for _ in range(Fifo.__len__(self)):
            bell.put(None)
        return bell

    def wake(self) -> None:
        """Ring the bell though nothing came."""
        self._bell.put(None)

    def pop(self) -> Envelope | None:
        """Take the next message, system lane first; None when there is none. Never blocks."""
        if self._system:
            return self._system.popleft()
        if self._front:
            return self._front.popleft()
        return self._queue.popleft() if self._queue else None

    def get(self, timeout: float | None) -> Envelope | None:
        """Wait and take; None when nothing came in `timeout` seconds, or after a `wake`."""
        return self.pop() if wait(self._bell, timeout) else None

    def drain(self) -> list[Envelope]:
        """Take out everything, in order, since the address closes."""
        out = []
        while (envelope := self.pop()) is not None:
            out.append(envelope)
        return out

    def __len__(self) -> int:
        return len(self._system) + len(self._front) + len(self._queue)
