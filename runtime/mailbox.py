"""Mailboxes: they belong to the address, so that what is queued outlives an incarnation."""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from enum import Enum
from typing import Protocol, cast

from fleet.runtime.envelope import Envelope

Bell = queue.SimpleQueue[None]
"""Rings once for each message put, and for each `wake`; every incarnation has its own."""


class _Silence:
    """Stands where a bell is, where nobody waits for it."""

    def put(self, _: None) -> None:
        """Ring for nobody."""

    def get(self, block: bool = True) -> None:
        """Tell that there may be something."""


SILENCE = cast(Bell, _Silence())


def wait(bell: Bell, *, block: bool = True) -> bool:
    """Wait until a bell rings; False when it has not rung, and one does not block.

    There is no wait for some time: a SimpleQueue's may last for ever (`AutoResetEvent`).
    """
    try:
        bell.get(block)
    except queue.Empty:
        return False
    return True


class Put(Enum):
    """What became of a message that was put."""

    ACCEPTED = "accepted"
    REJECTED = "overflow"
    DISPLACED = "displaced"
    """It was taken, and another had to make room; `displaced` tells which."""


# An enum's member is looked up by a descriptor: too slow for each message.
ACCEPTED, REJECTED = Put.ACCEPTED, Put.REJECTED


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

    def hush(self) -> None:
        """Ring no bell from now on: whoever takes messages out is told of each otherwise."""
        ...

    def wake(self) -> None:
        """Ring the bell though nothing came."""
        ...

    def pop(self) -> Envelope | None:
        """Take the next message, system lane first; None when there is none. Never blocks."""
        ...

    def head(self) -> Envelope | None:
        """Show what has waited longest; None when nothing waits. A snapshot."""
        ...

    def get(self, *, block: bool = True) -> Envelope | None:
        """Wait at the bell and take; None after a `wake`, or when it has not rung."""
        ...

    def displaced(self) -> list[Envelope]:
        """Take what had to make room for others; whoever put must ask."""
        ...

    def drain(self) -> list[Envelope]:
        """Take out everything, in order, since the address closes."""
        ...

    def contents(self) -> list[Envelope]:
        """List what waits; a copy."""
        ...

    @property
    def accepted(self) -> int:
        """Count the messages ever taken in; what is given back is not counted again."""
        ...

    @property
    def deliverable(self) -> int:
        """Count what `pop` would give; a snapshot."""
        ...

    def __len__(self) -> int:
        """Count what waits; a snapshot."""
        ...


class Fifo:
    """First in, first out, system lane first; without a bound.

    Built on SimpleQueue, deque and list: their operations are atomic in C, so a thread that is
    abandoned in the middle of one cannot leave a lock behind.
    """

    __slots__ = ("_bell", "_front", "_queue", "_system", "accepted")

    def __init__(self) -> None:
        # A deque reserves 600 bytes, and these two are empty nearly always.
        self._system: list[Envelope] = []
        self._front: list[Envelope] = []
        """What was given back: older than anything in `_queue`."""

        self._queue: deque[Envelope] = deque()
        self._bell: Bell = queue.SimpleQueue()
        self.accepted = 0

    def put(self, envelope: Envelope) -> Put:
        """Queue a message."""
        # The interpreter changes threads at calls and at jumps backwards only (CPython 3.11 to
        # 3.13), so that no other thread comes between reading and writing the count.
        self.accepted += 1
        self._queue.append(envelope)
        self._bell.put(None)
        return ACCEPTED

    def count(self) -> None:
        """Count a message that a mailbox of another kind keeps elsewhere."""
        self.accepted += 1

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel, ahead of all others."""
        self.accepted += 1
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
        if self._bell is SILENCE:
            return SILENCE
        bell: Bell = queue.SimpleQueue()
        self._bell = bell
        for _ in range(self.deliverable):
            bell.put(None)
        return bell

    def hush(self) -> None:
        """Ring no bell from now on."""
        self._bell = SILENCE

    def wake(self) -> None:
        """Ring the bell though nothing came."""
        self._bell.put(None)

    def pop(self) -> Envelope | None:
        """Take the next message, system lane first; None when there is none. Never blocks."""
        if self._system:
            return self._system.pop(0)
        if self._front:
            return self._front.pop(0)
        return self._queue.popleft() if self._queue else None

    def head(self) -> Envelope | None:
        """Show what has waited longest, behind messages of the kernel; None for nothing."""
        # Whoever owns the mailbox may take the last one between the look and the grasp.
        for waiting in (self._front, self._queue):
            with suppress(IndexError):
                return waiting[0]
        return None

    def get(self, *, block: bool = True) -> Envelope | None:
        """Wait and take; None after a `wake`, or when the bell has not rung."""
        return self.pop() if wait(self._bell, block=block) else None

    def displaced(self) -> list[Envelope]:
        """Tell that nothing ever had to make room."""
        return []

    def drain(self) -> list[Envelope]:
        """Take out everything, in order, since the address closes."""
        out = []
        while (envelope := self.pop()) is not None:
            out.append(envelope)
        return out

    def contents(self) -> list[Envelope]:
        """List what waits; a copy."""
        # Each copy is one step in C, so that nobody changes what is being copied.
        return [*self._system.copy(), *self._front.copy(), *self._queue.copy()]

    @property
    def deliverable(self) -> int:
        """Count what `pop` would give; a snapshot."""
        return len(self._system) + len(self._front) + len(self._queue)

    def __len__(self) -> int:
        return self.deliverable
