"""The thread that notices hung actors; it shares no lock with them but the fence's own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from fleet.runtime import ActorSystem

# Seconds of the interpreter's turns while there are zombies: each one that spins takes its turn
# before anybody else goes on, and a replacement needs several to start.
SHORT_TURN = 0.0005


class Watchdog:
    """Looks every `period` wall seconds for messages over their budget and fences their actors.

    Each look also beats: whoever waits for the beat (the process guard) learns that the
    interpreter still runs.
    """

    def __init__(
        self, system: ActorSystem, *, period: float = 0.02, beat: Callable[[], None] | None = None
    ) -> None:
        self._system = system
        self._period = period
        self._beat = beat
        self._usual_turn = sys.getswitchinterval()
        self._short = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join(1.0)
        self._shorten_turns(wanted=False)

    def _run(self) -> None:
        while not self._closed.wait(self._period):
            # A failure here would leave the fleet unwatched: say it and go on.
            try:
                self._system.fence_overdue()
                self._shorten_turns(wanted=self._system.zombies > 0)
                if self._beat is not None:
                    self._beat()
            except Exception as failure:
                self._system.events.emit("watchdog.failed", level="critical", reason=repr(failure))

    def _shorten_turns(self, *, wanted: bool) -> None:
        if wanted is not self._short:
            self._short = wanted
            sys.setswitchinterval(SHORT_TURN if wanted else self._usual_turn)
