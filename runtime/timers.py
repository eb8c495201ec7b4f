"""Calls that are put off: a thread of their own makes them, after wall seconds or at game times."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Protocol, TypeVar

from fleet.protocol.clock import Clock, GameTime
from fleet.runtime.auto_reset_event import AutoResetEvent
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


class Timers:
    """Two heaps, since the game clock's line may bend: game times are converted when looked at.

    One thread looks at them and makes the calls. What it can't go on with (a call that hangs, a
    wait that does not end) another goes on with, once somebody `renew`s it: nothing that is due is
    kept in a thread's own hands but the one call that it is making.
    """

    # A paused or bent game clock is noticed at the latest after this, in wall seconds.
    LOOK_AGAIN = 0.25

    def __init__(self, clock: GameWait, events: EventSink) -> None:
        self._clock = clock
        self._events = events
        self._wall: _Heap = []
        self._game: _Heap = []
        self._numbers = itertools.count()
        self._guard = threading.Lock()
        self._due: deque[_Entry] = deque()
        """Taken out of the heaps, to be called in this order."""

        self._asleep_until = AWAKE
        """On the steady clock; what is due later is seen in time without a ring."""

        self.closed = False
        self.turns = 0
        """How often the thread has gone on to another look or call: at least every
        `LOOK_AGAIN`, while all is well."""

        self._bell = AutoResetEvent()
        """The live thread's own, by which it also knows that it is the live one."""

        self.thread = self._start(self._bell)
        self._bell.set()

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call after wall seconds; returns what forgets it. Raises ValueError for a NaN."""
        due = a_time(self._clock.monotonic() + seconds)
        return self._add(self._wall, due, call, due)

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        """Call at a game time; returns what forgets it. Raises ValueError for a NaN."""
        wall = self._clock.monotonic() + self._clock.until(a_time(moment))
        return self._add(self._game, moment, call, wall)

    def renew(self) -> None:
        """Give the heaps to another thread; the last one ends as soon as it comes back.

        Raises RuntimeError when no thread is to be had. Called by the watchdog alone.
        """
        last, bell = self._bell, AutoResetEvent()
        # Where there is no thread for it, the last one stays the one that counts: it may come back.
        thread = self._start(bell)
        with self._guard:
            self._bell, self._asleep_until = bell, AWAKE
        self.thread = thread
        bell.set()
        last.set()

    def close(self) -> None:
        """End the thread; what is still due is forgotten."""
        self.closed = True
        self._bell.set()
        self.thread.join(1.0)

    def _start(self, bell: AutoResetEvent) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(bell,), name="timers", daemon=True)
        thread.start()
        return thread

    def _add(
        self, heap: _Heap, due: float, call: Callable[[], None], wall: float
    ) -> Callable[[], None]:
        entry = _Entry(call)
        with self._guard:
            heapq.heappush(heap, (due, next(self._numbers), entry))
            sleeps = wall < self._asleep_until
        if sleeps:
            self._bell.set()
        return entry.cancel

    def _run(self, bell: AutoResetEvent) -> None:
        # Until it is the one that counts.
        bell.wait()
        while True:
            with self._guard:
                if self.closed or self._bell is not bell:
                    return
                self.turns += 1
                self._collect()
                due = self._due.popleft() if self._due else None
                wait = self._wait() if due is None else 0.0
                # What is added from here on is seen by the next look, unless this one sleeps.
                self._asleep_until = self._clock.monotonic() + wait if wait else AWAKE
            if due is not None:
                self._call(due)
            elif wait:
                bell.wait(wait)

    def _collect(self) -> None:
        for heap, now in (
            (self._wall, self._clock.monotonic()),
            (self._game, self._clock.game()),
        ):
            while heap and (heap[0][0] <= now or heap[0][2].call is None):
                self._due.append(heapq.heappop(heap)[2])

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
