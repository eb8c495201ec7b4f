"""Beats on while the process drains, for as long as that may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleet.protocol.clock import Monotonic

LONGEST: Final = 15.0
"""Wall seconds that a process which asked for a fresh start may take to end: some three for its
actors, one or two for each that is closed before them. The guard kills it after that."""


class DrainBeat:
    """Called by the watchdog, which goes on looking: it does not know what the main thread does."""

    def __init__(
        self,
        beat: Callable[[], None],
        drains: Callable[[], bool],
        monotonic: Callable[[], Monotonic],
    ) -> None:
        """Take what tells the guard, and whether the process is about to be started anew."""
        self._beat = beat
        self._drains = drains
        self._monotonic = monotonic
        self._since: Monotonic | None = None

    def __call__(self) -> None:
        """Beat, unless the main thread hangs in the end of the process."""
        if self._drains():
            now = self._monotonic()
            if self._since is None:
                self._since = now
            if now - self._since > LONGEST:
                return
        self._beat()
