"""One thread that calls back: after wall seconds, or at game times."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import isnan
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

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


Moment = TypeVar("Moment", bound=float)

AWAKE = float("-inf")


def a_time(moment: Moment) -> Moment:
    """Give a time back. Raises ValueError for a NaN: in a heap, none behind it would ever ring."""
    if isnan(moment):
        raise ValueError("a timer's time is a number of seconds, not NaN")
    return moment


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
        self._guard = threading.Lock()
        # In a queue of C the wait costs a third of what it does in a Condition.
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._asleep_until = AWAKE
        """On the steady clock; what is due later is seen in time without a ring."""

        self._closed = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call after wall seconds; returns what forgets it. Raises ValueError for a NaN."""
        due = a_time(self._clock.monotonic() + seconds)
        return self._add(self._wall, due, call, due)

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        """Call at a game time; returns what forgets it. Raises ValueError for a NaN."""
        wall = self._clock.monotonic() + self._clock.until(a_time(moment))
        return self._add(self._game, moment, call, wall)

    def close(self) -> None:
        """End the thread; what is still due is forgotten."""
        self._closed = True
        self._bell.put(None)
        self._thread.join(1.0)

    def _add(
        self, heap: _Heap, due: float, call: Callable[[], None], wall: float
    ) -> Callable[[], None]:
        entry = _Entry(call)
        with self._guard:
            heapq.heappush(heap, (due, next(self._numbers), entry))
            sleeps = wall < self._asleep_until
        if sleeps:
            self._bell.put(None)
        return entry.cancel

    def _run(self) -> None:
        while not self._closed:
            with self._guard:
                due = self._due()
                wait = 0.0 if due else self._wait()
                # What is added from here on is seen by the next look, unless this one sleeps.
                self._asleep_until = self._clock.monotonic() + wait if wait else AWAKE
            if wait:
                with suppress(Empty):
                    self._bell.get(timeout=wait)
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
