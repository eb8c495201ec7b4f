"""The stacks of threads one by one: Python tells those of the newest hundred at once, no more."""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from fleet.supervision.guard.appended import Appended
from fleet.supervision.guard.lifeline import STACK_SIGNAL

AT_ONCE: Final = 100
"""Threads whose stacks come with the dump of all; a constant of CPython."""

LOOK: Final = 0.001
"""Wall seconds between two looks at the file."""

MOST_LOOKS: Final = 500
"""In all; so the guard is not held up for longer than half a second."""

LOOKS_EACH: Final = 20
"""A thread that does not answer takes no signals, is none of Python's, or waits for a processor."""


def ask_older_threads(pid: int, file: Appended) -> None:
    """Have the threads that the dump of all has left out write their stacks, oldest first.

    One after the other, since two that write at once leave one of them out. Linux only;
    elsewhere nothing happens.
    """
    signal_thread = _thread_signaller()
    if signal_thread is None:
        return
    looks = MOST_LOOKS
    for thread in _threads(pid)[:-AT_ONCE]:
        size = file.grown()
        if looks <= 0 or not signal_thread(pid, thread):
            return
        looks -= _await_growth(file, size)


def _await_growth(file: Appended, size: int) -> int:
    """Wait until a stack is written, as far as one can see; tell the looks that it took."""
    for look in range(1, LOOKS_EACH + 1):
        select.select([], [], [], LOOK)
        grown = file.grown()
        if size < grown == file.grown():
            return look
    return LOOKS_EACH


def _threads(pid: int) -> list[int]:
    """List a process's threads, oldest first."""
    with suppress(OSError):
        return sorted(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())
    return []


def _thread_signaller() -> Callable[[int, int], bool] | None:
    """Find what sends the signal to a single thread of another process."""
    # Imported where it is used: a guard that never sees a stall does without.
    import ctypes

    tgkill = getattr(ctypes.CDLL(None), "tgkill", None)
    if tgkill is None:
        return None
    return lambda pid, thread: tgkill(pid, thread, int(STACK_SIGNAL)) == 0
