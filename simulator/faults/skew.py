"""A clock that shows another time than it keeps."""

from __future__ import annotations

from fleet.protocol.clock import GameTime
from fleet.simulator.clock import SimClock


class SkewedClock:
    """Shows a clock's time with an offset; what happens when is not touched by it."""

    def __init__(self, inner: SimClock) -> None:
        self._inner = inner
        self.skew = 0.0
        """Seconds by which shown stamps are ahead."""

    @property
    def speed(self) -> float:
        """Game seconds per second of the clients' clock."""
        return self._inner.speed

    @property
    def paused(self) -> bool:
        """Whether the game's time stands still."""
        return self._inner.paused

    def now(self) -> GameTime:
        """Tell the true time."""
        return self._inner.now()

    def shown(self, time: float) -> float:
        """Turn a game time into the time that clients see."""
        return self._inner.shown(time) + self.skew

    def read(self, shown: float) -> float:
        """Turn a time that a client sent back into game time."""
        return self._inner.read(shown - self.skew)

    def seconds(self, duration: float) -> int:
        """Turn a duration into whole seconds, which no skew changes."""
        return self._inner.seconds(duration)
