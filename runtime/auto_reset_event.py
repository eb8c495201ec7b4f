"""A wait that ends in time, whatever happens."""

from __future__ import annotations

import threading


class AutoResetEvent:
    """Wakes the one thread that waits; rung several times before it waits, it does so once.

    A bare lock, and no `SimpleQueue` with a timeout: where that one's time is over between two of
    its own steps, what is left is negative, and to it (CPython 3.11) that means for ever. A lock of
    C looks for that. Either costs a third of a Condition.
    """

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open = threading.Lock()
        self._open.acquire()

    def set(self) -> None:
        """Wake whoever waits, or will. Any thread; never blocks."""
        # One step in C: whoever comes second finds it open, which is as good.
        try:
            self._open.release()
        except RuntimeError:
            return

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most `timeout` wall seconds; say whether it was."""
        if timeout is None:
            return self._open.acquire()
        return self._open.acquire(timeout=max(0.0, timeout))
