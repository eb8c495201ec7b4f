"""The burst pool as the server sees it, and a plan that spends it evenly."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.clock import GameTime


@dataclass(slots=True)
class BurstPool:
    """One fixed window of points that starts with the first one used; game times.

    Its start is only known to lie before the answer of the request that used its first point,
    so it is taken to end that much later than it may.
    """

    size: int = 30
    period: float = 60.0
    _used: int = 0
    _starts: GameTime | None = None
    _ended: float = float("-inf")
    """End of the window before."""

    def use(self, since: GameTime, at: GameTime) -> None:
        """Take note of a point that the server has taken, some time between these two."""
        self._expire(at)
        if since < self._ended:
            # Perhaps a point of the window before. Taken for the first of the next one it would
            # have that end too early, and points would be spent that are not there.
            return
        if self._starts is None:
            self._starts = at
        self._used += 1

    def exhaust(self, now: GameTime) -> None:
        """Take note that the server has none left: somebody else uses them too."""
        self._expire(now)
        if self._starts is None:
            self._starts = now
        self._used = self.size

    def left(self, now: GameTime) -> int:
        """Tell the points left."""
        self._expire(now)
        return max(0, self.size - self._used)

    def used(self, now: GameTime) -> int:
        """Tell the points used in the window that runs."""
        self._expire(now)
        return self._used

    def due(self, points: int, kept: int) -> GameTime:
        """Tell when so many points may have been used, with `kept` of them kept for accidents.

        While no window runs a point is due at once.
        """
        if self._starts is None:
            return GameTime(0.0)
        share = (points - 1) / (self.size - kept)
        return GameTime(self._starts + self.period * share)

    def planned(self, now: GameTime) -> float:
        """Tell how many points an even use of the running window would have used."""
        return 0.0 if self._starts is None else self.size * (now - self._starts) / self.period

    @property
    def runs(self) -> bool:
        """Whether a window runs, as far as is known."""
        return self._starts is not None

    def _expire(self, now: GameTime) -> None:
        if self._starts is not None and now >= self._starts + self.period:
            self._ended = self._starts + self.period
            self._starts, self._used = None, 0
