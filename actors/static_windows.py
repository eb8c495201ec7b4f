"""The windows of a second: which requests were counted in which, as far as is known.

A window starts with the first request counted after the end of the one before. An answer tells
the end of the window in which its request was counted; until then it lies between bounds that
follow from the bounds of the way. Ends are the server's time, sendings are ours; game seconds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from fleet.actors.limits import FOREVER, GRAIN, NEVER, SAME, TICK, Limits
from fleet.actors.way import Way
from fleet.protocol.clock import GameTime

KEPT = 8
"""So many windows are remembered; answers to the requests of older ones come too late to matter."""


@dataclass(slots=True, eq=False)
class Window:
    """One window of the server's, believed or told."""

    first: GameTime
    """Requests sent from then on come after the window before."""

    ends: GameTime | None = None
    """Its end, once an answer has told it."""

    sent: dict[int, GameTime] = field(default_factory=dict)
    """When its members were sent: requests counted in it, or believed to be."""

    unknown: int = 0
    """Members of which an answer told only that they were there."""

    flying: dict[int, GameTime] = field(default_factory=dict)
    """When those were sent that have no answer yet."""

    points: list[int] = field(default_factory=list)
    """Numbers of the burst points that its members took."""

    opener: GameTime = NEVER
    """When the first of its members was sent."""

    by: GameTime = FOREVER
    """It has ended by then, since one of its members had arrived a second earlier."""

    arrived_by: GameTime = NEVER
    """When those of its members that were answered had arrived at the latest."""

    @property
    def members(self) -> int:
        """Count the requests that are counted in it, as far as is known or believed."""
        return len(self.sent) + self.unknown

    def earliest(self, place: int, way: Way) -> GameTime:
        """Bound when so many members had arrived already, and one more did."""
        times = sorted(self.sent.values())
        known = place - self.unknown
        return GameTime(times[known] + way.least) if 0 <= known < len(times) else NEVER

    def ends_from(self, way: Way, seconds: float) -> GameTime:
        """Tell the earliest end that is possible."""
        return self.ends if self.ends is not None else GameTime(self.opener + way.least + seconds)

    def ends_by(self, way: Way, seconds: float) -> GameTime:
        """Tell the latest end that is possible."""
        if self.ends is not None:
            return GameTime(self.ends + TICK)
        return min(self.by, GameTime(self.opener + way.most + seconds))


@dataclass(slots=True)
class StaticWindows:
    """The windows of one address or account."""

    limits: Limits
    way: Way
    loose: dict[int, GameTime] = field(default_factory=dict)
    """When those requests were sent of which it is open in which window they will be counted."""

    _windows: deque[Window] = field(default_factory=deque)
    _flying: dict[int, Window] = field(default_factory=dict)
    """Where each request is believed to be that has no answer yet."""

    _closed: GameTime = NEVER
    """Everything before the oldest window has ended by then."""

    @property
    def last(self) -> Window | None:
        """The newest window."""
        return self._windows[-1] if self._windows else None

    def __contains__(self, window: Window) -> bool:
        # Nearly always the last one or the one before it.
        return any(each is window for each in reversed(self._windows))

    def closed_by(self) -> GameTime:
        """Tell when every window that may have begun has ended for certain."""
        last = self.last
        closed = self._closed if last is None else self._over_by(last)
        if self.loose:
            latest = max(self.loose.values()) + self.way.most + self.limits.seconds
            closed = max(closed, GameTime(latest))
        return closed

    def _over_by(self, last: Window) -> GameTime:
        """Tell when a window has ended, and any other that its members may begin."""
        ends = last.ends_by(self.way, self.limits.seconds)
        if last.ends is not None and last.flying:
            latest = max(last.flying.values()) + self.way.most
            if latest >= last.ends:
                return max(ends, GameTime(latest + self.limits.seconds))
        return ends

    def opens_at(self) -> GameTime:
        """Tell from when on a request that is sent opens a window for certain."""
        return GameTime(self.closed_by() - self.way.least)

    def holds(self, at: GameTime) -> bool:
        """Whether a request that is sent at that time is counted in the last window for certain."""
        last = self.last
        if last is None or self.loose or at < last.first - GRAIN:
            return False
        return at + self.way.most < last.ends_from(self.way, self.limits.seconds)

    @property
    def held_up(self) -> int:
        """Count the requests of earlier windows that have no answer yet."""
        return len(self._flying) - len(self._windows[-1].flying) if self._flying else 0

    def unheard_by(self, farthest: float) -> GameTime:
        """Tell from when on no request without an answer matters, whatever held it up so far."""
        sent = [at for each in self._windows for at in each.flying.values()]
        latest = max([*sent, *self.loose.values()], default=NEVER)
        return GameTime(latest + farthest + self.limits.seconds)

    def block(self, until: GameTime) -> None:
        """Take note that nothing opens before that time."""
        self._windows.clear()
        self._flying.clear()
        self.loose.clear()
        self._closed = max(self._closed, until)

    # -- sending

    def open(self, number: int, at: GameTime) -> None:
        """Take note of a request that opens a window."""
        self.settle(at)
        window = Window(at, sent={number: at}, flying={number: at}, opener=at)
        self._windows.append(window)
        self._flying[number] = window
        if len(self._windows) > KEPT:
            oldest = self._windows.popleft()
            self._closed = oldest.ends_by(self.way, self.limits.seconds)
            for lost in oldest.flying:
                del self._flying[lost]

    def join(self, number: int, at: GameTime) -> Window:
        """Take note of a request that is counted in the last window; tells the window."""
        last = self._windows[-1]
        last.sent[number] = at
        last.flying[number] = at
        self._flying[number] = last
        last.opener = min(last.opener, at)
        return last

    def settle(self, now: GameTime) -> None:
        """Forget loose requests whose windows, whichever they were, have ended."""
        if not self.loose:
            return
        over = now + self.way.least - self.way.most - self.limits.seconds
        for number in [number for number, at in self.loose.items() if at <= over]:
            del self.loose[number]

    # -- learning

    def window_of(self, number: int) -> Window | None:
        """Tell in which window a request without an answer is believed to be."""
        return self._flying.get(number)

    def _landed(self, number: int) -> Window | None:
        """Take note that a request is under way no more; tells where it was believed to be."""
        believed = self._flying.pop(number, None)
        if believed is not None:
            del believed.flying[number]
        return believed

    def place(self, number: int, at: GameTime, ends: GameTime, remaining: int) -> Window:
        """Put a request into the window that its answer tells; where it was believed, else."""
        believed = self._landed(number)
        self.loose.pop(number, None)
        actual = self._ending(ends)
        if actual is None and believed is not None and believed.ends is None:
            actual = believed
        if actual is None:
            actual = next((each for each in self._windows if self._may_end(each, ends)), None)
        if actual is None:
            actual = self._insert(at, ends)
        actual.ends = ends if actual.ends is None else actual.ends
        if actual is not believed:
            # Whoever left points to others may be the one that was missing before those.
            actual.unknown -= actual.unknown > 0 and remaining > 0
            actual.sent[number] = at
            if believed is not None:
                if believed.first < ends - self.way.least and believed.opener >= actual.opener:
                    # What came early took a point of the window before: so will all that is sent
                    # before that one's end, however many are believed to have opened the next.
                    believed.first = GameTime(ends - self.way.least)
                self._leave(believed, number)
        actual.unknown += max(0, self.limits.points - remaining - actual.members)
        return actual

    def _ending(self, ends: GameTime) -> Window | None:
        """Find the window of which an answer has told that it ends then."""
        for each in reversed(self._windows):
            if each.ends is not None and abs(each.ends - ends) < SAME:
                return each
        return None

    def _may_end(self, window: Window, ends: GameTime) -> bool:
        """Whether a window of which no answer has told may be the one that ends then."""
        if window.ends is not None:
            return False
        seconds = self.limits.seconds
        return window.ends_from(self.way, seconds) <= ends <= window.ends_by(self.way, seconds)

    def arrived(self, number: int, latest: GameTime) -> None:
        """Take note that a request had arrived by a time, in whichever window it was."""
        believed = self._landed(number)
        if believed is not None:
            believed.by = min(believed.by, GameTime(latest + self.limits.seconds))

    def drop(self, number: int) -> Window | None:
        """Forget a request that was not counted; tells the window that it leaves."""
        self.loose.pop(number, None)
        believed = self._landed(number)
        if believed is not None:
            self._leave(believed, number)
        return believed

    def _leave(self, window: Window, number: int) -> None:
        del window.sent[number]
        if window.ends is None and window.flying:
            window.opener = min(window.flying.values())
        elif window.ends is None and not window.members:
            self._windows = deque(each for each in self._windows if each is not window)

    def _insert(self, at: GameTime, ends: GameTime) -> Window:
        """Add a window that nobody expected, at its place."""
        window = Window(at, ends=ends, opener=at)
        later = [each for each in self._windows if each.ends is None or each.ends > ends]
        self._windows.insert(len(self._windows) - len(later), window)
        return window
