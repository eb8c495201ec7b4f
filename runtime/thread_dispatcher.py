"""Real threads: one pykka thread per incarnation, one thread for timers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from fleet.protocol.clock import GameTime
from fleet.runtime._pykka_cell import PykkaCell
from fleet.runtime.cell import Cell
from fleet.runtime.cpu_time import seconds_on_cpu
from fleet.runtime.events import EventSink
from fleet.runtime.frames import current_frames
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.timer_watch import TimerWatch
from fleet.runtime.timers import GameWait, Timers
from fleet.runtime.traces import of_frame
from fleet.runtime.warm_threads import WarmThreads

PARKED = 64
"""Threads that wait for replacements: as many as a process may have zombies. 17 KiB each."""


class ThreadDispatcher:
    """Runs the fleet for real. Hung threads are abandoned, never joined."""

    def __init__(self, clock: GameWait, events: EventSink, *, parked: int = PARKED) -> None:
        self._timers = Timers(clock, events)
        self._watch = TimerWatch(self._timers, clock, events)
        self._threads = WarmThreads(parked)

    def start(self, incarnation: Incarnation) -> None:
        """Give the incarnation a thread of its own."""
        runner = PykkaCell(incarnation, self._threads)
        incarnation.cell.runner = runner
        runner.launch()

    wakes = False

    def woken(self, cell: Cell) -> None:
        """Do nothing: the mailbox itself wakes its thread."""

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call back after wall seconds, in the timer thread."""
        return self._timers.after(seconds, call)

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        """Call back at a game time, in the timer thread."""
        return self._timers.at(moment, call)

    def aside(self, call: Callable[[], None]) -> None:
        """Run something that may block in a thread of its own."""
        threading.Thread(target=call, name="aside", daemon=True).start()

    def stacks(self, cells: Sequence[Cell]) -> list[str]:
        """Sample the stacks of the threads that run the cells."""
        # One look for all: it lists the frames of every thread that there is.
        frames = current_frames()
        return [of_frame(frames.get(_ident(cell.runner))) for cell in cells]

    def on_cpu(self, runner: Any) -> float | None:
        """Tell the seconds that a thread has spent on a CPU; None when it has ended."""
        thread = runner.thread if isinstance(runner, PykkaCell) else None
        if thread is None or thread.native_id is None or not thread.is_alive():
            return None
        return seconds_on_cpu(thread.native_id)

    def mend(self) -> str:
        """Replace the timer thread if it hangs or has ended."""
        return self._watch.look()

    def close(self) -> None:
        """End the timer thread and those that are parked."""
        self._timers.close()
        self._threads.close()


def _ident(runner: object) -> int:
    thread = runner.thread if isinstance(runner, PykkaCell) else None
    return 0 if thread is None or thread.ident is None else thread.ident
