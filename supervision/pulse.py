"""The runtime's pulse: that the interpreter runs, and that the actors get on with their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleet.protocol.clock import Clock
from fleet.runtime import ActorSystem
from fleet.runtime.cell import State

BEAT: Final = 0.25
"""Wall seconds between two beats; the guard wakes up for each of them."""

LOOK: Final = 1.0
"""Wall seconds between two looks at whether the actors get on."""


class Pulse:
    """Called by the watchdog at each of its looks, in its thread."""

    def __init__(
        self,
        system: ActorSystem,
        clock: Clock,
        *,
        beat: Callable[[], None],
        progress: Callable[[], None],
    ) -> None:
        """Take what tells the guard; neither may block."""
        self._system = system
        self._clock = clock
        self._beat = beat
        self._progress = progress
        self._next_beat = self._next_look = float("-inf")
        self._handled = -1

    def __call__(self) -> None:
        """Beat when it is time to, and look when it is time to."""
        now = self._clock.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + BEAT
            self._beat()
        if now >= self._next_look:
            self._next_look = now + LOOK
            if self._gets_on():
                self._progress()

    def _gets_on(self) -> bool:
        """Whether a message was handled since the last look, or none waits for its turn."""
        cells = [cell for cell in self._system.cells() if cell.state is State.RUNNING]
        handled = sum(cell.handled for cell in cells)
        before, self._handled = self._handled, handled
        return handled != before or not any(len(cell.mailbox) for cell in cells)
