"""Waits for a moment on the CPU before a thread goes to sleep, where that has paid of late."""

from __future__ import annotations

import os
from typing import Final, Protocol
from zlib import crc32

# An idle processor of a virtual machine takes 50 microseconds to wake up (measured), more than
# an ask itself: whoever has just asked keeps his own awake for as long as the actor's needs.
# To reckon a checksum is what takes a while, lets go of the interpreter and touches nothing.
FIRST: Final = bytes(140_000)
"""About 60 microseconds: the actor's processor wakes up, and the actor answers."""

MORE: Final = bytes(35_000)
LOOKS: Final = (FIRST, MORE, MORE)
MOST_SKIPPED: Final = 1_000
SHORTEST: Final = 0.001
"""Wall seconds; whoever has no more time than that does not spin."""


class Come(Protocol):
    """What is open as soon as an answer has come."""

    def acquire(self, blocking: bool) -> bool:
        """Take it if it is open."""
        ...


class Spin:
    """Shared by all who ask; any thread.

    On a busy machine the actor may well wait for the very processor that the asker keeps: each
    time that it was in vain, twice as many asks go to sleep at once.
    """

    __slots__ = ("_penalty", "_skip")

    def __init__(self, processors: int | None = os.cpu_count()) -> None:
        several = processors is not None and processors > 1
        self._penalty = 0 if several else MOST_SKIPPED
        self._skip: float = 0 if several else float("inf")
        """How many asks go to sleep at once."""

    def wait(self, come: Come) -> bool:
        """Take `come` if it opens soon; say whether it did."""
        # Threads may overtake each other here: one more or less is of no account.
        if self._skip > 0:
            self._skip -= 1
            return False
        for block in LOOKS:
            crc32(block)
            if come.acquire(False):
                self._penalty //= 2
                return True
        self._penalty = self._skip = min(2 * self._penalty + 1, MOST_SKIPPED)
        return False
