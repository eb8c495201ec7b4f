"""The stacks of a stalled process, which it writes itself before it is killed."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from fleet.supervision.guard.lifeline import DUMP_SIGNAL
from fleet.supervision.guard.process import Process

DUMP_TIME: Final = 0.5
"""Wall seconds that a stalled process gets to write its stacks."""

DUMP_POLL: Final = 0.025
"""Wall seconds between two looks at the file; unchanged in between means complete."""


class StackDump:
    """One request for stacks; the process's C-level handler answers even if the GIL is held."""

    def __init__(self, process: Process, heading: str, now: float) -> None:
        """Ask for the stacks; a process without a file for them is over at once."""
        self._file = process.dump
        self._size = 0
        self._look = now + DUMP_POLL
        self._end = now + DUMP_TIME if self._file else now
        if self._file:
            with suppress(OSError):
                self._file.add(f"\n=== {heading} ===")
            process.signal(DUMP_SIGNAL)

    @property
    def next_moment(self) -> float:
        """Monotonic moment at which to look again."""
        return min(self._look, self._end)

    def is_over(self, now: float) -> bool:
        """Whether the stacks are written, as far as one can see, or the time for it is over."""
        if self._file is None or now >= self._end:
            return True
        if now < self._look:
            return False
        before, self._size = self._size, self._file.grown()
        self._look = now + DUMP_POLL
        return 0 < self._size == before
