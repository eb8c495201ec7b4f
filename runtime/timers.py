"""One thread that calls back: after wall seconds, or at game times."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fleet.protocol.clock import Clock, GameTime
from fleet.runtime.events import EventSink
from fleet.runtime.traces import line_of


class GameWait(Clock, Protocol):
    """A clock that also knows how long a game time is away."""

    def until(self, moment: GameTime) -> float:
        """Tell the wall seconds until a game time."""
        ...


@dataclass(slots=True)
class _Entry:
    call: Callable[[], None] | None

    def cancel(self) -> None:
        self.call = None


# When, a serial for those at the same moment, and what.
_Heap = list[tuple[float, int, _Entry]]


class TimerThread:
    """Two heaps, since the game clock's line may bend: game times are converted when looked at."""

    # A paused or bent game clock is noticed at the latest after this, in wall seconds.
    LOOK_AGAIN = 0.25

    def __init__(self, clock: GameWait, events: EventSink) -> None:
        self._clock = clock
        self._events = events
        self._wall: _Heap = []
        self._game: _Heap = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call after wall seconds; returns what forgets it."""
        return self._add(self._wall, self._clock.monotonic() + seconds, call)

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        """Call at a game time; returns what forgets it."""
        return self._add(self._game, moment, call)

    def close(self) -> None:
        """End the thread; what is still due is forgotten."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(1.0)

    def _add(self, heap: _Heap, due: float, call: Callable[[], None]) -> Callable[[], None]:
        entry = _Entry(call)
        with self._changed:
            heapq.heappush(heap, (due, next(self._numbers), entry))
            if heap[0][2] is entry:
                self._changed.notify()
        return entry.cancel

    def _run(self) -> None:
        while True:
            with self._changed:
                due = self._due()
                if not due and not self._closed:
                    self._changed.wait(self._wait())
                if self._closed:
                    return
            for entry in due:
                self._call(entry)

    def _due(self) -> list[_Entry]:
        due: list[_Entry] = []
        for heap, now in (
            (self._wall, self._clock.monotonic()),
            (self._game, self._clock.game()),
        ):
            while heap and (heap[0][0] <= now or heap[0][2].call is None):
                due.append(heapq.heappop(heap)[2])
        return due

    def _wait(self) -> float:
        wait = self.LOOK_AGAIN
        if self._wall:
            wait = min(wait, self._wall[0][0] - self._clock.monotonic())
        if self._game:
            wait = min(wait, self._clock.until(GameTime(self._game[0][0])))
        return max(0.0, wait)

    def _call(self, entry: _Entry) -> None:
        call = entry.call
        if call is None:
            return
        try:
            call()
        # Whatever one call raises, the others' timers go on.
        except BaseException as failure:
            self._events.emit("timer.failed", level="error", reason=line_of(failure))
