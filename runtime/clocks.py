"""The only place that asks this machine for the time, and the fit of the server's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fleet.protocol.clock import GameTime, Monotonic, WallTime


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One look at the server's clock."""

    asked: Monotonic
    answered: Monotonic
    game: GameTime
    """What the server said, some time between `asked` and `answered`."""

    speed: float
    """Game seconds per wall second."""

    paused: bool = False

    @property
    def error(self) -> float:
        """Half the round trip in game seconds: the most that the fit can be off."""
        return (self.answered - self.asked) / 2 * self.speed


class SystemClock:
    """This machine's clocks; its game clock is the wall clock (the live server's, unfitted)."""

    def game(self) -> GameTime:
        """Tell civil time as game time."""
        return GameTime(time.time())

    def wall(self) -> WallTime:
        """Tell civil time."""
        return WallTime(time.time())

    # Asked several times per message: a method of ours would cost thrice as much.
    monotonic = staticmethod(cast(Callable[[], Monotonic], time.monotonic))
    """Tell steady time."""


class GameClock(SystemClock):
    """The server's clock as seen from here, fitted from samples; never steps back.

    Any thread may read it; whoever samples the server calls `fit`. Until the first fit it
    runs with civil time at speed 1; the first fit may set it back.
    """

    def __init__(self) -> None:
        # Game time, when it was so, speed, and the least that is told; changed in one piece.
        self._line: tuple[float, float, float, float] = (time.time(), time.monotonic(), 1.0, 0.0)
        self._fitting = threading.Lock()
        self.error = float("inf")
        """Bound of the last fit's offset error, in game seconds."""

    @property
    def speed(self) -> float:
        """Game seconds per wall second; 0 while the server is paused."""
        return self._line[2]

    def fit(self, sample: ClockSample) -> None:
        """Lay the line through the middle of the sample."""
        middle = Monotonic((sample.asked + sample.answered) / 2)
        speed = 0.0 if sample.paused else sample.speed
        with self._fitting:
            floor = 0.0 if self.error == float("inf") else self._at(time.monotonic())
            self._line = (sample.game, middle, speed, floor)
            self.error = sample.error

    def _at(self, now: float) -> float:
        game, at, speed, floor = self._line
        game += (now - at) * speed
        return game if game > floor else floor

    def game(self) -> GameTime:
        """Tell the server's time; stands still where a fit would step back."""
        # Asked too often for a lock. In this order it needs none: who looked at the time after
        # a fit took its floor finds that fit still going on, or done.
        now = time.monotonic()
        if not self._fitting.locked():
            return GameTime(self._at(now))
        with self._fitting:
            return GameTime(self._at(time.monotonic()))

    def game_at(self, moment: Monotonic) -> GameTime:
        """Tell the server's time at another moment of this machine's steady clock, by the fit.

        It knows no standing still, so that a moment of the past keeps its own time.
        """
        game, at, speed, _ = self._line
        return GameTime(game + (moment - at) * speed)

    def until(self, moment: GameTime) -> float:
        """Tell the wall seconds until a game time; endless while the server is paused."""
        now = time.monotonic()
        game, at, speed, floor = self._line
        left = moment - (game + (now - at) * speed)
        if left <= 0 or moment <= floor:
            return 0.0
        return left / speed if speed > 0 else float("inf")


class VirtualClock:
    """Both clocks in one, moved by the virtual dispatcher only."""

    def __init__(self, start: float = 1_782_000_000.0) -> None:
        self.now = start

    def game(self) -> GameTime:
        """Tell virtual time."""
        return GameTime(self.now)

    def wall(self) -> WallTime:
        """Tell virtual time."""
        return WallTime(self.now)

    def monotonic(self) -> Monotonic:
        """Tell virtual time."""
        return Monotonic(self.now)

    def until(self, moment: GameTime) -> float:
        """Tell the virtual seconds until a game time."""
        return max(0.0, moment - self.now)


def process_seconds() -> float:
    """Tell how long all threads of this process together have computed."""
    return time.process_time()


def thread_seconds(native_id: int) -> float:
    """Tell how long a thread of this process has computed; 0 when it has ended. Linux only."""
    try:
        # The clock that the kernel keeps for a thread, named by its id: one system call, where
        # reading the same from /proc takes more than a hundred times as long (measured).
        return time.clock_gettime((~native_id << 3) | 6)
    except OSError:
        return 0.0
