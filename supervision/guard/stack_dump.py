"""The stacks of a stalled process, which it writes itself before it is killed."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from typing import Final

from fleet.supervision.guard.lifeline import DUMP_SIGNAL
from fleet.supervision.guard.process import Process
from fleet.supervision.guard.thread_stacks import ask_older_threads

DUMP_TIME: Final = 0.5
"""Wall seconds that a stalled process gets to write its stacks."""

DUMP_POLL: Final = 0.025
"""Wall seconds between two looks at the file."""

STILL: Final = 3
"""Looks at an unchanged file that mean it is complete: a process that must wait for its turn at
a busy processor writes nothing for a while, too."""

CUT_OFF: Final = "\n..."
"""How Python ends a dump of more threads than it tells."""

DEPTH: Final = 8
"""Innermost frames of a thread that are told; the file has all."""

_BEGIN: Final = re.compile(r"threading\.py\", line \d+ in (run|_bootstrap(_inner)?)$")

READ_MOST: Final = 512 * 1024
"""Bytes of a dump that are read to find what is unusual in it."""


class StackDump:
    """One request for stacks; the process's C-level handler answers even if the GIL is held."""

    def __init__(self, process: Process, heading: str, now: float) -> None:
        """Ask for the stacks; a process without a file for them is over at once."""
        self._process = process
        self._file = process.dump
        self._size = 0
        self._still = 0
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
        self._still = self._still + 1 if 0 < self._size == before else 0
        if self._still and self._file.text(READ_MOST).endswith(CUT_OFF):
            ask_older_threads(self._process.pid, self._file)
            return True
        return self._still >= STILL


def fold_stacks(dump: str) -> str:
    """Tell equal stacks once, the rarest first: among a hundred idle threads, the odd one."""
    # A thread that was asked for its own stack leaves no line empty before it.
    blocks = dump.replace("\nStack (", "\n\nStack (").split("\n\n")
    blocks = [block for block in blocks if block.strip(".\n ")]
    cut = [block.lstrip("\n").partition("\n") for block in blocks if _is_thread(block)]
    threads = [(head, _inner(frames)) for head, _, frames in cut]
    others = [block.strip("\n") for block in blocks if not _is_thread(block)]
    heads = {frames: head for head, frames in reversed(threads)}
    counted = sorted(Counter(frames for _, frames in threads).items(), key=lambda row: row[1])
    # The thread that took the signal is the main thread, and mostly the one that hangs.
    counted.sort(key=lambda row: not heads[row[0]].startswith("Current"))
    folded = [f"{_heading(heads[frames], count)}\n{frames}" for frames, count in counted]
    return "\n".join([*others, *folded])


def _is_thread(block: str) -> bool:
    return block.lstrip("\n").startswith(("Thread 0x", "Current thread 0x", "Stack ("))


def _inner(frames: str) -> str:
    """Leave out how the thread began, which is the same for all and tells nothing."""
    lines = frames.rstrip().split("\n")
    while len(lines) > 1 and _BEGIN.search(lines[-1]):
        del lines[-1]
    return "\n".join([*lines[:DEPTH], *(["  ..."] if len(lines) > DEPTH else [])])


def _heading(head: str, count: int) -> str:
    return head if count == 1 else f"{count} threads (most recent call first):"
