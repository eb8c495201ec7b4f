"""The course of the net worth over a run, at even steps of game time."""

from __future__ import annotations

import threading

MOST = 200
FIRST_STEP = 10.0
"""Game seconds; doubled each time that there are too many values."""


class History:
    """At most so many values, whoever looks and however often; callable from any thread."""

    def __init__(self, most: int = MOST, step: float = FIRST_STEP) -> None:
        """Start empty."""
        self._most = most
        self._step = step
        self._next = 0.0
        self._values: list[int] = []
        self._lock = threading.Lock()

    def take(self, worth: int, elapsed: float) -> None:
        """Note a net worth, unless there is one of this step; thin all out when they are full."""
        with self._lock:
            if elapsed < self._next:
                return
            self._values.append(worth)
            if len(self._values) > self._most:
                self._values = self._values[::2]
                self._step *= 2
            self._next = elapsed + self._step

    def values(self) -> list[int]:
        """Show the values, oldest first; a copy."""
        with self._lock:
            return list(self._values)
