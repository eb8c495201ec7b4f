"""Threads that are there already when a replacement needs one.

Starting a thread takes several turns of the interpreter, and behind ten actors that compute each
turn takes as long as theirs do together; a parked thread needs one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

Call = Callable[[], None]


class WarmThreads:
    """Keeps some threads parked. Each runs one call and ends, so that no state of it is left."""

    # Wall seconds between the use of a parked thread and the start of its successor: after a
    # hundred hangs at once the replacements come first.
    PAUSE = 0.25

    def __init__(self, parked: int) -> None:
        self._wanted = parked
        self._parked: deque[tuple[threading.Thread, SimpleQueue[Call | None]]] = deque()
        self._closed = threading.Event()
        self._used: SimpleQueue[None] = SimpleQueue()
        self._used.put(None)
        threading.Thread(target=self._refill, name="warm threads", daemon=True).start()

    def run(self, call: Call, name: str, *, warm: bool) -> None:
        """Run a call in a daemon thread of that name; in a parked one if asked and possible.

        Callable from any thread. Raises RuntimeError when no thread is to be had.
        """
        if warm:
            try:
                thread, slot = self._parked.popleft()
            except IndexError:
                # There may have been no thread to be had when some were asked for.
                self._used.put(None)
            else:
                thread.name = name
                slot.put(call)
                self._used.put(None)
                return
        threading.Thread(target=call, name=name, daemon=True).start()

    def close(self) -> None:
        """End the parked threads."""
        self._closed.set()
        self._used.put(None)

    def _refill(self) -> None:
        pause = 0.0
        while not self._closed.is_set():
            self._used.get()
            self._closed.wait(pause)
            pause = self.PAUSE
            while len(self._parked) < self._wanted and not self._closed.is_set():
                if not self._park():
                    break
        # Taken out as `run` does: one that is still needed gets its call, or is told to end.
        with suppress(IndexError):
            while True:
                self._parked.popleft()[1].put(None)

    def _park(self) -> bool:
        slot: SimpleQueue[Call | None] = SimpleQueue()
        thread = threading.Thread(target=self._wait, args=(slot,), name="parked", daemon=True)
        try:
            thread.start()
        # The machine has no more threads: the next use asks for some again.
        except RuntimeError:
            return False
        self._parked.append((thread, slot))
        return True

    @staticmethod
    def _wait(slot: SimpleQueue[Call | None]) -> None:
        call = slot.get()
        if call is not None:
            call()
