"""The burst pool: one fixed window of points, of which only bounds are known, and a plan.

The server tells neither when the window began nor what is left in it. Both follow from what was
sent: a point is taken by each request beyond the static ones of its second. All times are the
server's, in game seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from fleet.actors.limits import FOREVER, NEVER
from fleet.protocol.clock import GameTime

LAST = 1.5
"""So long before the window may end its last point is due."""

APART = 0.9
"""Between two points that were kept for accidents and are used in the end."""


class Point(msgspec.Struct, frozen=True):
    """One point that the server has taken, or may have taken, between these times."""

    earliest: GameTime
    latest: GameTime
    certain: bool


@dataclass(slots=True)
class BurstPool:
    """What may have been used of the window that runs: never less than what really was."""

    size: int = 30
    period: float = 60.0
    ends_from: GameTime = FOREVER
    """The earliest time at which the window may end; FOREVER when none runs."""

    ends_by: GameTime = FOREVER
    """The latest time at which the window may end; FOREVER when none runs."""

    _points: dict[int, Point] = field(default_factory=dict)
    _number: int = 0
    _carried: int = 0
    """Points beside those: somebody else's."""

    _began: GameTime = NEVER
    """The window before can't have ended sooner."""

    _over: GameTime = NEVER
    """The window before had ended by then."""

    def take(self, point: Point) -> int:
        """Take note of a point; tells its number."""
        self._number += 1
        self._put(self._number, point)
        return self._number

    def _put(self, number: int, point: Point) -> None:
        if point.latest < self._began:
            self._points.pop(number, None)
        elif point.earliest < self._over:
            # It may have been the window before that lost it: then this one began later.
            earliest = max(point.earliest, self._began)
            self._points[number] = Point(earliest, point.latest, certain=False)
        else:
            self._points[number] = point
        self._bound()

    def correct(self, number: int, point: Point) -> None:
        """Take note of closer bounds for a point of the window that runs."""
        if number in self._points and self._points[number] != point:
            self._put(number, point)

    def give_back(self, number: int) -> None:
        """Take note that a point was not taken after all."""
        if self._points.pop(number, None) is not None:
            self._bound()

    def exhaust(self, earliest: GameTime, latest: GameTime) -> None:
        """Take everything for used since some time between these two.

        With NEVER for both the window goes on that is believed to run, if one is.
        """
        if earliest > NEVER or not self._points:
            self._points.clear()
            self._began = self._over = NEVER
            self.take(Point(earliest, latest, certain=True))
        self._carried = max(0, self.size - len(self._points))

    def expire(self, now: GameTime) -> None:
        """Forget a window that has ended for certain by the earliest time given.

        Points that may have been taken after its end may have begun the next one.
        """
        while self._points and now >= self.ends_by:
            self._began, self._over, points = self.ends_from, self.ends_by, self._points
            self._points, self._carried = {}, 0
            self._bound()
            for number, point in points.items():
                self._put(number, point)

    @property
    def runs(self) -> bool:
        """Whether a window runs, or may run."""
        return bool(self._points)

    @property
    def used(self) -> int:
        """The most points that may have been used."""
        return len(self._points) + self._carried

    @property
    def left(self) -> int:
        """The fewest points that are left."""
        return self.size - self.used

    def _bound(self) -> None:
        """Find out between when the window ends: asked far more often than it changes."""
        if not self._points:
            self.ends_from = self.ends_by = FOREVER
            return
        earliest, certain, latest = FOREVER, FOREVER, NEVER
        for point in self._points.values():
            earliest = min(earliest, point.earliest)
            if point.certain:
                certain = min(certain, point.latest)
            else:
                latest = max(latest, point.latest)
        self.ends_from = GameTime(earliest + self.period)
        # Where none is certain, none of them need have been one; if one was, it began with it.
        self.ends_by = GameTime((latest if certain == FOREVER else certain) + self.period)

    def due(self, more: int, kept: int, ahead: int = 0) -> GameTime:
        """Tell when so many more points may be used, of an even use that keeps some to the end.

        `ahead` points may be used before their time, fewer and fewer towards the end. While no
        window runs a point is due at once; FOREVER if there are not so many left.
        """
        number = self.used + more
        if number > self.size:
            return FOREVER
        if not self._points:
            return NEVER
        planned = self.size - kept
        last = self.ends_from - LAST
        if number > planned:
            return GameTime(last - APART * (self.size - number))
        span = self.period - LAST - APART * kept
        # Of what is still to come a part is brought forward; it is nothing in the end.
        early = ahead * (planned - number) / planned
        return GameTime(
            self.ends_from - self.period + span * max(0.0, number - 1 - early) / planned
        )
