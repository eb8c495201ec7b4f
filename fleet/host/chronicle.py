"""Looks at the fleet without being asked: the course of its net worth, and a line a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fleet.host.history import History
from fleet.host.minute import Minutes
from fleet.host.observe import observe, observe_money
from fleet.host.run_state import RunState
from fleet.protocol.clock import Clock
from fleet.runtime import ActorSystem
from fleet.runtime.events import EventSink

JOIN = 0.2
"""Wall seconds that a stop waits for a look: the whole fleet has three."""

LOOK = 1.0
"""Wall seconds between two looks at the net worth."""


class Chronicle:
    """One daemon thread. It asks two actors each second, and all of them once a minute."""

    def __init__(
        self,
        system: ActorSystem,
        run: RunState,
        minutes: Minutes,
        *,
        every: float,
        also: Callable[[], None],
        tidy: Callable[[], object],
    ) -> None:
        """Sum up every so many wall seconds; call `also` with each look, `tidy` after each line."""
        self._system = system
        self._clock: Clock = system.clock
        self._events: EventSink = system.events
        self._run_state = run
        self._minutes = minutes
        self._every = every
        self._also = also
        self._tidy = tidy
        self._due = self._clock.monotonic() + every
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chronicle", daemon=True)
        self.history = History()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> bool:
        """End the thread after the look that it is at, for which nobody waits long.

        Say whether it has ended; if not, it still calls `also` once more.
        """
        self._closed.set()
        self._thread.join(JOIN)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closed.wait(LOOK):
            self._guarded(self.look)
            self._guarded(self._also)
            if self._clock.monotonic() >= self._due:
                self._due = self._clock.monotonic() + self._every
                self._guarded(self.sum_up)
                self._guarded(self._tidy)

    def _guarded(self, act: Callable[[], object]) -> None:
        # A failure here must not end the history: say it and go on.
        try:
            act()
        except Exception as failure:
            self._events.emit("chronicle.failed", level="error", reason=repr(failure))

    def look(self) -> None:
        """Note the present net worth, if treasury and conductor tell it."""
        funds, fleet = observe_money(self._system)
        if funds is not None and fleet is not None:
            elapsed = self._clock.game() - self._run_state.game_at
            self.history.take(funds.credits + fleet.value, elapsed)

    def sum_up(self) -> None:
        """Ask everybody, and put the last minute into one line."""
        self._minutes.tell(observe(self._system))
