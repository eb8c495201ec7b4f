"""Both pools of one address or account, seen from this end of the way.

Each request is either certain to take a static point, or counted against the burst pool as long
as it may have taken one of its points. So the pool is never used beyond what it holds, whatever
the ways and the answers do within their bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from fleet.actors.burst_pool import BurstPool, Point
from fleet.actors.limits import FOREVER, GRAIN, NEVER, SAME, TICK, Limits
from fleet.actors.static_windows import StaticWindows, Window
from fleet.actors.way import FARTHEST, Way
from fleet.protocol.clock import GameTime

KEPT, KEPT_UNSTEADY = 2, 4
"""Burst points kept to the end of their window for requests that come early by accident: usually,
and while there are surprises."""

AHEAD = 10
"""So many burst points may urgent requests use before their time, at most."""

TIGHT = 0.02
"""Ways that differ by less have no long tail: then they tell better when a request has arrived
than its answer does."""

SHORT = 1
"""With so few burst points left no request may come early."""

RESERVE = 2
"""While there are surprises so many burst points are not used at all, and no request may come early
when there are no more: a hold-up of the whole process makes several come early at once."""

NEAR = 0.35
"""A window that opens within so many seconds is waited for where it would otherwise be open in
which window a request will be counted."""

Role = Literal["open", "second", "burst"]
"""open: certain to come after the last window; second: into a static point, whichever window it
comes to; burst: it may take a burst point."""


class _Sent(msgspec.Struct):
    at: GameTime
    role: Role
    before: GameTime | None
    """End of the window before, where an answer has told it."""

    point: int | None = None
    """The burst point that a loose request may have taken."""


@dataclass(slots=True)
class LimitPools:
    """Knows what may be sent, and learns from what comes back. One thread, no clock."""

    limits: Limits
    way: Way
    windows: StaticWindows = field(init=False)
    burst: BurstPool = field(init=False)
    _sent: dict[int, _Sent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.windows = StaticWindows(self.limits, self.way)
        self.burst = BurstPool(self.limits.burst, self.limits.burst_seconds)

    def follow(self, way: Way) -> None:
        """Believe other bounds from now on."""
        self.way = self.windows.way = way

    # -- asking

    def next(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        """Tell the earliest time at which a request may be sent.

        An urgent one may use a burst point before the even plan comes to it.
        """
        self._expire(now)
        if self.windows.loose:
            self.windows.settle(now)
        reserve = self._reserve
        spare = self.burst.left - reserve
        short = spare <= max(SHORT - reserve, 0)
        opens = self._opens(short=short)
        if opens <= now + GRAIN:
            return now
        static = self._static(now, opens, short=short)
        # Nothing is sooner than at once, and this is asked for several times per request.
        if static <= now or spare <= 0:
            return min(opens, static)
        return min(opens, static, self._spare(now, opens, spare, urgent=urgent))

    def _expire(self, now: GameTime) -> None:
        earliest = GameTime(now + self.way.least)
        if earliest >= self.burst.ends_by:
            self.burst.expire(earliest)

    def _opens(self, *, short: bool) -> GameTime:
        """Tell when an opener may be sent: with care where no burst point would pay for it."""
        opens = self.windows.opens_at()
        if not short:
            return opens
        # What has no answer may be held up, and the window that it opens reach farther.
        return max(GameTime(opens + self.way.care), self.windows.unheard_by(FARTHEST))

    def _static(self, now: GameTime, opens: GameTime, *, short: bool) -> GameTime:
        """Tell when a static point of the last window may be used; FOREVER if none is left."""
        last = self.windows.last
        if last is None or self.windows.loose:
            return FOREVER
        # What was held up on its way may take a point of this window, and nothing pays for it.
        held_up = self.windows.held_up if short else 0
        if last.members + held_up >= self.limits.points:
            return FOREVER
        at = max(now, last.first)
        if self.windows.holds(at) or (opens - at > NEAR and not short):
            return at
        return FOREVER

    def _spare(self, now: GameTime, opens: GameTime, left: int, *, urgent: bool) -> GameTime:
        """Tell when a burst point may be used; FOREVER if not before the next window opens.

        So many are `left` beyond those that are not to be used.
        """
        # What was held up on its way may have to take a point yet.
        if not self.way.certain and left <= self.windows.held_up:
            return FOREVER
        kept = self._kept
        due = self.burst.due(1, kept, AHEAD if urgent else 0)
        if due == FOREVER:
            return FOREVER
        last = self.windows.last
        at = max(now, GameTime(due - self.way.least), last.first if last else now)
        at = self._outside_the_change(at)
        if not self.windows.holds(at) and opens - at <= NEAR:
            return FOREVER
        if last is not None and at > last.first + GRAIN and self.burst.runs and not urgent:
            # With the openers it may be the first to arrive, and the next window begins sooner.
            behind = self.burst.due(2, kept) - self.way.least <= at
            return at if behind else FOREVER
        return at

    @property
    def _kept(self) -> int:
        if self.way.certain:
            return 0
        return KEPT if self.way.steady else KEPT_UNSTEADY

    @property
    def _reserve(self) -> int:
        return 0 if self.way.certain or self.way.steady else RESERVE

    def _outside_the_change(self, at: GameTime) -> GameTime:
        """Move a time to where it is certain which burst window a point is taken from."""
        if at + self.way.most >= self.burst.ends_from and at + self.way.least < self.burst.ends_by:
            return GameTime(self.burst.ends_by - self.way.least)
        return at

    @property
    def firm(self) -> bool:
        """Whether answers have told the end of the last window."""
        last = self.windows.last
        return last is not None and last.ends is not None and not self.windows.loose

    # -- sending

    def sent(self, number: int, at: GameTime) -> Role:
        """Take note of a request that goes out at that time."""
        windows, last = self.windows, self.windows.last
        if at + GRAIN >= windows.opens_at():
            before = None if last is None or windows.loose else last.ends
            windows.open(number, at)
            self._sent[number] = _Sent(at, "open", before)
            return "open"
        sent = self._sent[number] = _Sent(at, "second", None)
        if windows.holds(at):
            # Where one goes straight after the opener it tells of the way as much as that.
            sent.before = self._sent_before(last)
            window = windows.join(number, at)
            sent.role = "second" if window.members <= self.limits.points else "burst"
            self._balance(window)
            return sent.role
        certain = not windows.loose and last is not None and last.members < self.limits.points
        windows.loose[number] = at
        if not certain:
            sent.role = "burst"
            sent.point = self.burst.take(self._point(at, certain=False))
        return sent.role

    def _sent_before(self, window: Window | None) -> GameTime | None:
        flying = () if window is None else window.flying
        return next((self._sent[each].before for each in flying if each in self._sent), None)

    def _point(self, at: GameTime, *, certain: bool) -> Point:
        way = self.way
        return Point(GameTime(at + way.least), GameTime(at + way.most), certain)

    # -- learning

    def told(self, number: int, ends: GameTime, remaining: int, answered: GameTime) -> None:
        """Take note of the window in which a request was counted, and what was left in it."""
        sent = self._sent.pop(number, None)
        if sent is None:
            return
        self._learn(sent, ends, remaining)
        self._release(sent)
        believed = self.windows.window_of(number)
        window = self.windows.place(number, sent.at, ends, remaining)
        window.arrived_by = max(window.arrived_by, self._arrived_by(sent.at, answered))
        self._balance(window)
        if believed is not None and believed is not window:
            self._balance(believed)

    def _learn(self, sent: _Sent, ends: GameTime, remaining: int) -> None:
        way = ends - self.limits.seconds - sent.at
        if remaining == self.limits.points - 1:
            self.way.took(way)
        elif sent.before is not None and ends <= sent.before + GRAIN:
            self.way.took_less(sent.before - sent.at)
        elif way > self.way.most:
            self.way.took_longer(way)

    def _release(self, sent: _Sent) -> None:
        if sent.point is not None:
            self.burst.give_back(sent.point)

    def _arrived_by(self, at: GameTime, answered: GameTime) -> GameTime:
        """Tell when a request has arrived at the latest: before its answer was sent."""
        surely = answered + self.way.behind
        tight = self.way.certain or self.way.most - self.way.least < TIGHT
        return GameTime(min(surely, at + self.way.most + self.way.care) if tight else surely)

    def _balance(self, window: Window) -> None:
        """Have the burst pool hold as many points as the window's members exceed it."""
        over = max(0, window.members - self.limits.points)
        if over and window not in self.windows:
            over = 0
        while len(window.points) > over:
            self.burst.give_back(window.points.pop())
        while len(window.points) < over:
            window.points.append(self.burst.take(self._beyond(window, len(window.points))))
        for place, number in enumerate(window.points):
            self.burst.correct(number, self._beyond(window, place))

    def _beyond(self, window: Window, place: int) -> Point:
        """Bound when a point beyond the static ones was taken, after so many others of them."""
        seconds, way = self.limits.seconds, self.way
        starts = window.ends_from(way, seconds) - seconds
        earliest = max(starts, window.earliest(self.limits.points + place, way))
        arrived = max([window.arrived_by, *(at + way.most for at in window.flying.values())])
        latest = max(earliest, min(arrived, window.ends_by(way, seconds)))
        return Point(GameTime(earliest), GameTime(latest), certain=True)

    def silent(self, number: int, arrived: GameTime | None = None) -> None:
        """Take note that a request was answered, or lost, without telling of its window.

        It goes on to be where it was believed to be, until that has passed. When it had
        `arrived` at the latest, by the server's clock, bounds when the window ends.
        """
        self._sent.pop(number, None)
        if arrived is not None:
            self.windows.arrived(number, arrived)

    def unsent(self, number: int) -> None:
        """Forget a request that never left."""
        sent = self._sent.pop(number, None)
        if sent is not None:
            self._release(sent)
            window = self.windows.drop(number)
            if window is not None:
                self._balance(window)

    def refused(self, number: int | None, now: GameTime, until: GameTime) -> None:
        """Take note of a 429: both pools are empty until then."""
        if number is not None:
            self.unsent(number)
        self._expire(now)
        self.burst.exhaust(*self._burst_bounds(now, until))
        if not self._inside_the_last(until):
            self.windows.block(until)

    def _inside_the_last(self, until: GameTime) -> bool:
        """Whether the last window, all of whose points are used, goes on after that time."""
        last = self.windows.last
        return last is not None and last.ends is not None and until < last.ends - SAME

    def _burst_bounds(self, now: GameTime, until: GameTime) -> tuple[GameTime, GameTime]:
        """Bound when the burst window began that has run out of points.

        A 429 names the end of that pool which ends first. If that is not the window of a
        second it is the burst window, to the millisecond.
        """
        period = self.limits.burst_seconds
        if self._inside_the_last(until):
            return GameTime(until - period), GameTime(until - period + TICK)
        if self.burst.left <= KEPT_UNSTEADY:
            return NEVER, NEVER
        return GameTime(now + self.way.least - period), GameTime(now + self.way.most)

    def distrust(self, now: GameTime) -> None:
        """Begin without knowing what was used before: as if both windows had just begun."""
        latest = GameTime(now + self.way.most)
        self.burst.exhaust(GameTime(now + self.way.least - self.limits.burst_seconds), latest)
        self.windows.block(GameTime(latest + self.limits.seconds))
