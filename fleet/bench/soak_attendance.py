"""Who answers during a storm, and for how long somebody did not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Set
from typing import Final, Self

LOOK: Final = 5.0
"""Wall seconds between two looks."""

PATIENT: Final = 150.0
"""Wall seconds that a ship may be silent: it fails six times within a minute, rests for another
one, and has to come back after that, be it in a runtime that is just being started anew."""


class Attendance:
    """Looks now and then, in a thread of its own from enter to exit; or whenever it is told to."""

    def __init__(
        self,
        answering: Callable[[], Set[str]],
        now: Callable[[], float] = time.monotonic,
        *,
        period: float = LOOK,
    ) -> None:
        """`answering` names who answers just now; nobody, where the whole fleet does not."""
        self._answering = answering
        self._now = now
        self._period = period
        self._seen: dict[str, float] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attendance", daemon=True)
        self.longest: dict[str, float] = {}
        """Wall seconds of the longest silence of each that was ever seen."""

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, and count who is silent now."""
        self._closed.set()
        self._thread.join()
        self._count(set(self._seen))

    def look(self) -> None:
        """Look once."""
        names = self._answering()
        at = self._count(names)
        self._seen.update(dict.fromkeys(names, at))

    def _count(self, names: Set[str]) -> float:
        at = self._now()
        for name in names:
            silence = at - self._seen.get(name, at)
            self.longest[name] = max(silence, self.longest.get(name, 0.0))
        return at

    def _run(self) -> None:
        while not self._closed.wait(self._period):
            self.look()
