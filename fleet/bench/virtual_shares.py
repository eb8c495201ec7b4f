"""Which room the processor works in, by looking at the stack now and then."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PERIOD = 0.005
"""Seconds of processor time between two looks: a look takes some microseconds."""


@contextmanager
def shares() -> Iterator[Counter[str]]:
    """Count, while inside, how often each room was at work; in the main thread only."""
    counts: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        counts[room_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, PERIOD, PERIOD)
    try:
        yield counts
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def room_of(frame: FrameType | None) -> str:
    """Name the room whose code runs, or has called what runs: fleet's own come first."""
    while frame is not None:
        parts = str(frame.f_globals.get("__name__", "")).split(".")
        if parts[0] == "fleet" and len(parts) > 1:
            return parts[1] if len(parts) > 2 else "fleet"
        frame = frame.f_back
    return "other"
