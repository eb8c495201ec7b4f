"""Real threads: one pykka thread per incarnation, one thread for timers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from fleet.protocol.clock import GameTime
from fleet.runtime._pykka_cell import PykkaCell
from fleet.runtime.cell import Cell
from fleet.runtime.events import EventSink
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.timers import GameWait, TimerThread
from fleet.runtime.traces import of_frame


class ThreadDispatcher:
    """Runs the fleet for real. Hung threads are abandoned, never joined."""

    def __init__(self, clock: GameWait, events: EventSink) -> None:
        self._timers = TimerThread(clock, events)

    def start(self, incarnation: Incarnation) -> None:
        """Give the incarnation a thread of its own."""
        runner = PykkaCell(incarnation)
        incarnation.cell.runner = runner
        runner.launch()

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

    def stack(self, cell: Cell) -> str:
        """Sample the stack of the thread that runs the cell."""
        runner = cell.runner
        thread = runner.thread if isinstance(runner, PykkaCell) else None
        if thread is None or thread.ident is None:
            return ""
        frame = sys._current_frames().get(thread.ident)
        return of_frame(frame) if frame is not None else ""

    def close(self) -> None:
        """End the timer thread."""
        self._timers.close()
