"""A mailbox with a bound, and what is to happen when it is reached."""

from __future__ import annotations

import threading
from typing import Literal, get_args

from fleet.protocol.errors import UsageError
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import Fifo, Put

Overflow = Literal["reject", "drop_oldest"]
"""reject: the new message is refused; drop_oldest: the oldest one makes room for it."""


class Bounded(Fifo):
    """First in, first out, with at most `bound` messages queued; nobody ever waits for room.

    Messages of the kernel, and the actor's own answers and timers, are neither refused nor
    dropped. Raises UsageError for a bound or an overflow policy that there is not.
    """

    __slots__ = ("_bound", "_displaced", "_guard", "_overflow")

    def __init__(self, bound: int, overflow: Overflow = "reject") -> None:
        super().__init__()
        if bound < 0:
            raise UsageError(f"a mailbox is bounded to 0 messages or more, not to {bound}")
        if overflow not in get_args(Overflow):
            names = " or ".join(get_args(Overflow))
            raise UsageError(f"the overflow policy is {names}, not {overflow!r}")
        self._bound = bound
        self._overflow = overflow
        self._displaced: list[Envelope] = []
        # Two senders that look at the length at the same time would both find the last place.
        self._guard = threading.Lock()

    def put(self, envelope: Envelope) -> Put:
        """Queue a message, or do what the overflow policy says."""
        with self._guard:
            if envelope.own or len(self._queue) < self._bound:
                return Fifo.put(self, envelope)
            if self._overflow == "reject" or not self._make_room():
                return Put.REJECTED
            Fifo.put(self, envelope)
            return Put.DISPLACED

    def _make_room(self) -> bool:
        """Drop the oldest message that is not the actor's own; say whether there was one."""
        # The owner may be taking from the same end meanwhile.
        for place in range(len(self._queue)):
            try:
                oldest = self._queue[place]
                if oldest.own:
                    continue
                self._queue.remove(oldest)
            except (IndexError, ValueError):
                return True
            self._displaced.append(oldest)
            return True
        return False

    def displaced(self) -> list[Envelope]:
        """Take what had to make room for others."""
        with self._guard:
            gone, self._displaced = self._displaced, []
        return gone
