"""Looks after the timers' thread: without it no ask times out, and no restart comes that waits."""

from __future__ import annotations

from collections import deque
from typing import Final

from fleet.protocol.clock import Clock, Monotonic
from fleet.runtime.events import EventSink
from fleet.runtime.frames import current_frames
from fleet.runtime.timers import Timers
from fleet.runtime.traces import of_frame

SILENT: Final = 2.0
"""Wall seconds in which the thread must look at its heaps: eight times what it sleeps at most."""

STEP: Final = 0.1
"""Wall seconds between two looks that count at most: in what is longer the process itself stood
still, or everybody waited for a turn."""

MOST, WINDOW = 3, 60.0
"""Replacements in so many wall seconds that may mend it; a process with more needs a new start."""


class TimerWatch:
    """Used by the watchdog, in its thread."""

    def __init__(self, timers: Timers, clock: Clock, events: EventSink) -> None:
        self._timers = timers
        self._clock = clock
        self._events = events
        self._turns = -1
        self._silent = 0.0
        """Wall seconds in which the thread could have looked, and did not."""

        self._looked = clock.monotonic()
        self._replaced: deque[Monotonic] = deque(maxlen=MOST + 1)
        self._vain = 0
        """Tries in a row for which no thread was to be had."""

    def look(self) -> str:
        """Replace a thread that hangs or has ended; say why the process needs a new start, if so.

        Raises RuntimeError when no thread is to be had; it is tried again, a few times.
        """
        now, timers = self._clock.monotonic(), self._timers
        step, self._looked = min(STEP, now - self._looked), now
        if timers.turns != self._turns:
            self._turns, self._silent = timers.turns, 0.0
            return ""
        self._silent += step
        if self._silent < SILENT or timers.closed:
            return ""
        self._silent = 0.0
        thread = timers.thread
        # Where it hangs now: as soon as it is replaced it may come back.
        stack = of_frame(current_frames().get(thread.ident or 0)) if thread.is_alive() else ""
        try:
            timers.renew()
        except RuntimeError:
            self._vain += 1
            if self._vain <= MOST:
                raise
            return self._give_up(f"no thread is to be had for timers: tried {self._vain} times")
        self._vain = 0
        self._replaced.append(now)
        self._tell(stack)
        return self._verdict(now)

    def _tell(self, stack: str) -> None:
        what = "has not come back" if stack else "has ended, and nothing rang"
        self._events.emit(
            "timers.replaced",
            level="error",
            text=f"The timers' thread {what} for {SILENT:g} s: another one takes its place",
            reason="hung" if stack else "ended",
            stack=stack,
        )

    def _verdict(self, now: Monotonic) -> str:
        took = now - self._replaced[0]
        if len(self._replaced) <= MOST or took > WINDOW:
            return ""
        return self._give_up(f"no timers' thread lasts: {MOST + 1} were replaced in {took:.0f} s")

    def _give_up(self, text: str) -> str:
        self._events.emit("timers.exceeded", level="critical", text=text)
        return text
