"""The simulator's clocks: the game's time, how it runs, and how it is shown to clients."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from fleet.protocol.clock import GameTime, Monotonic, WallTime


def instant(seconds: float) -> GameTime:
    """Round a time to the nearest millisecond, the finest step that the API shows."""
    return GameTime(round(seconds * 1000) / 1000)


def tick_down(seconds: float) -> GameTime:
    """Cut a clock reading to whole milliseconds, so that nothing happens before its time.

    A microsecond is forgiven: floats of this size can't name every millisecond exactly.
    """
    return GameTime(math.floor(seconds * 1000 + 0.001) / 1000)


def steady() -> Monotonic:
    """Read this machine's steady clock."""
    return Monotonic(time.monotonic())


def civil() -> WallTime:
    """Read this machine's civil clock."""
    return WallTime(time.time())


class SimClock(Protocol):
    """Tells the game's time; only the thread that owns the world reads it."""

    @property
    def speed(self) -> float:
        """Game seconds per second of the clients' clock."""
        ...

    @property
    def paused(self) -> bool:
        """Whether the game's time stands still."""
        ...

    def now(self) -> GameTime:
        """Tell the game's time in whole milliseconds; never steps back."""
        ...

    def shown(self, time: float) -> float:
        """Turn a game time into the time that clients see."""
        ...

    def read(self, shown: float) -> float:
        """Turn a time that a client sent back into game time."""
        ...

    def seconds(self, duration: float) -> int:
        """Turn a duration into the whole seconds that clients see, rounded up."""
        ...


class RunningClock:
    """Game time that runs at a speed: `game = g0 + speed * (monotonic - m0)`."""

    def __init__(
        self,
        start: float,
        speed: float = 1.0,
        *,
        monotonic: Callable[[], float] = steady,
    ) -> None:
        self._origin = start
        self._monotonic = monotonic
        self._since = monotonic()
        self._paused = False
        self._speed = speed

    @property
    def speed(self) -> float:
        """Game seconds per second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the game's time stands still."""
        return self._paused

    def pause(self) -> None:
        """Stop the game's time, as when the process is about to end."""
        self._origin = self.now()
        self._paused = True

    def resume(self) -> None:
        """Let the game's time run on from where it stood."""
        if self._paused:
            self._since = self._monotonic()
            self._paused = False

    def step(self, seconds: float) -> None:
        """Move the game's time on at once."""
        self._origin += seconds

    def now(self) -> GameTime:
        """Tell the game's time in whole milliseconds."""
        if self._paused:
            return GameTime(self._origin)
        return tick_down(self._origin + self._speed * (self._monotonic() - self._since))

    def shown(self, time: float) -> float:
        """Clients see the game's time itself."""
        return time

    def read(self, shown: float) -> float:
        """Clients send the game's time itself."""
        return shown

    def seconds(self, duration: float) -> int:
        """Durations are game seconds, rounded up."""
        return math.ceil(duration - 1e-6)


class WallFacedClock(RunningClock):
    """A running clock shown in wall time: stamps follow the civil clock, durations shrink.

    For foreign bots that compare the server's stamps with their own clock.
    """

    def __init__(
        self,
        start: float,
        speed: float = 1.0,
        *,
        monotonic: Callable[[], float] = steady,
        wall: Callable[[], float] = civil,
    ) -> None:
        super().__init__(start, speed, monotonic=monotonic)
        self._game_zero = start
        self._wall = wall
        self._wall_zero = wall()

    def resume(self) -> None:
        """Run on; clients see the civil clock again, so what lies ahead has moved with it."""
        super().resume()
        self._meet_wall()

    def step(self, seconds: float) -> None:
        """Move on; what lies ahead comes nearer on the civil clock."""
        super().step(seconds)
        self._meet_wall()

    def _meet_wall(self) -> None:
        self._game_zero, self._wall_zero = self.now(), self._wall()

    def shown(self, time: float) -> float:
        """Map a game time onto the civil clock."""
        return instant(self._wall_zero + (time - self._game_zero) / self.speed)

    def read(self, shown: float) -> float:
        """Map a civil time back onto the game's."""
        return self._game_zero + (shown - self._wall_zero) * self.speed

    def seconds(self, duration: float) -> int:
        """Durations are divided by the speed, rounded up."""
        return math.ceil(duration / self.speed - 1e-6)


class VirtualClock:
    """Game time that stands where its owner puts it."""

    def __init__(self, start: float) -> None:
        self._now = instant(start)

    speed = 1.0
    paused = False

    def advance_to(self, time: float) -> None:
        """Move to a time; one that has passed is ignored, because time never steps back."""
        self._now = max(self._now, tick_down(time))

    def now(self) -> GameTime:
        """Tell the time it was put to."""
        return self._now

    def shown(self, time: float) -> float:
        """Clients see the game's time itself."""
        return time

    def read(self, shown: float) -> float:
        """Clients send the game's time itself."""
        return shown

    def seconds(self, duration: float) -> int:
        """Durations are game seconds, rounded up."""
        return math.ceil(duration - 1e-6)
