"""When the next request may be sent: the server's two windows, seen from this end of the way.

The server counts 2 points per second, used first, and 30 per minute, used when those are gone;
each window starts with the first point used in it, at the server. Only the replies tell when
that was. Pure: no threads, no clock of its own, all times are game seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fleet.actors.burst_pool import BurstPool
from fleet.actors.lead import Lead
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime

NEVER = GameTime(float("-inf"))

SAME = 0.0015
"""Two ends of a window closer than this are one: the headers tell milliseconds."""

GRAIN = 1e-5
"""Waits shorter than this are none: seconds since 1970 in a float are no finer than 1e-7."""

TICK = 0.001
"""What the headers cut off the end of a window."""

STALLED = 3.0
"""A request without an answer for so many windows is not reckoned with any more."""

EARLY_SHARE = 0.25
"""Share of window openers that may come early while the burst pool can afford them."""

KEPT = 2
"""Burst points that the even plan leaves for requests that come early by accident."""

KEPT_BLIND = 4
"""The same while the answers tell nothing of the windows, so that some points go uncounted."""

AHEAD = 2.0
"""So many burst points more than planned may be used before openers are sent with more care."""

RARE = 0.02
"""Below this share of early openers no points are kept."""

Role = Literal["open", "second", "rest", "burst"]
"""open: to arrive as a window opens; second: the same, for the case that the first comes early;
rest: into an open window; burst: to take a burst point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The server's allowance (official)."""

    points: int = 2
    seconds: float = 1.0
    burst: int = 30
    burst_seconds: float = 60.0

    @property
    def per_minute(self) -> int:
        """Most requests in a minute."""
        return round(self.points * 60 / self.seconds + self.burst * 60 / self.burst_seconds)


@dataclass(slots=True)
class _Sent:
    """A request without an answer yet."""

    at: GameTime
    role: Role
    planned: GameTime
    """When it was to go; timers and threads are late, and the lead has to make up for that."""

    aim: GameTime | None
    """End of the window before, where the request was sent exactly to come after it."""


@dataclass(slots=True)
class _Picture:
    """The static window after everything under way has arrived."""

    ends: GameTime
    left: int
    before: GameTime | None = None
    """End of the window before, where the window is only believed to have opened."""


@dataclass(slots=True)
class Limiter:
    """Tells when to send, and learns from what comes back. One thread."""

    limits: Limits = field(default_factory=Limits)
    lead: Lead = field(default_factory=Lead)
    _burst: BurstPool = field(init=False)
    _ends: GameTime = NEVER
    """End of the newest static window that an answer has told of."""

    _left: int = 0
    _counts: dict[GameTime, int] = field(default_factory=dict)
    """By end of window, how many of our requests were answered with it."""

    _sent: dict[int, _Sent] = field(default_factory=dict)
    _number: int = 0
    _blind: bool = False
    """The last answer told nothing of the windows."""

    _blocked: GameTime = NEVER
    _waited: GameTime | None = None
    """The permit that somebody waits for."""

    def __post_init__(self) -> None:
        self._burst = BurstPool(self.limits.burst, self.limits.burst_seconds)

    def distrust(self, now: GameTime) -> None:
        """Begin without knowing what was used before: as if both windows had just been."""
        self._ends, self._left = GameTime(now + self.limits.seconds), 0
        self._burst.exhaust(now)

    # -- asking

    def permit_at(self, now: GameTime) -> GameTime:
        """Tell the earliest time at which a request may be sent; `now` if it may be sent now."""
        at, _ = self._next(now)
        if at <= now + GRAIN:
            return now
        self._waited = at
        return at

    def firm(self, now: GameTime) -> bool:
        """Whether the next permit rests on what answers have told, and not on a guess."""
        picture = self._picture(now)
        return picture.ends == self._ends or picture.before == self._ends

    def sent(self, now: GameTime) -> int:
        """Take note that a request goes out, now or at the time that was permitted.

        Tells the number under which it is answered.
        """
        _, role = self._next(now)
        timely = self._waited is not None and now - self._waited < 0.3 * self.limits.seconds
        aim = self._ends if role == "open" and timely and not self._opening() else None
        planned = self._waited if aim is not None and self._waited is not None else now
        self._waited = None
        self._number += 1
        self._sent[self._number] = _Sent(now, role, planned, aim)
        return self._number

    def _next(self, now: GameTime) -> tuple[GameTime, Role]:
        if self._blocked > now:
            return self._blocked, "open"
        picture = self._picture(now)
        if picture.left > 0:
            if picture.before is None:
                return now, "rest"
            if self._blind or not self._can_risk(now):
                # Its answer will tell whether the window is open.
                return picture.ends, "open"
            return GameTime(picture.before + TICK - self.lead.second), "second"
        opens = GameTime(picture.ends + TICK - self._opener_lead(now))
        spare = self._spare_at(now)
        if spare is not None and spare < opens:
            return spare, "burst"
        return opens, "open"

    def _opener_lead(self, now: GameTime) -> float:
        if self._blind:
            return 0.0
        if not self._can_risk(now):
            return self.lead.safe
        ahead = self._burst.used(now) - self._burst.planned(now)
        return self.lead.bold if ahead <= AHEAD else self.lead.careful

    def _picture(self, now: GameTime) -> _Picture:
        """Let what is under way arrive, in the order in which it was sent."""
        picture = _Picture(self._ends, self._left)
        if not self._sent:
            return picture
        way = max(0.0, self.lead.bold)
        for sent in self._sent.values():
            if now - sent.at > STALLED * self.limits.seconds:
                continue
            # What has no answer yet may have come late: at worst into the window that is open.
            arrives = GameTime(max(sent.at + way, picture.ends - self.limits.seconds))
            if sent.role in ("open", "second") and picture.left == 0 and picture.before is None:
                start = max(arrives, picture.ends)
                picture = _Picture(
                    GameTime(start + self.limits.seconds), self.limits.points - 1, picture.ends
                )
            elif arrives >= picture.ends and sent.role != "burst":
                end = GameTime(arrives + self.limits.seconds)
                picture = _Picture(end, self.limits.points - 1, picture.ends)
            elif picture.left > 0:
                picture.left -= 1
        return picture

    def _opening(self) -> bool:
        return any(sent.role in ("open", "second") for sent in self._sent.values())

    def _under_way(self) -> int:
        """Count requests that may still take a burst point."""
        return sum(sent.role != "rest" for sent in self._sent.values())

    def _can_risk(self, now: GameTime) -> bool:
        return self._burst.left(now) - self._under_way() > 1

    def _spare_at(self, now: GameTime) -> GameTime | None:
        """Tell when the even plan has a burst point to spend; None while none can be spared."""
        if not self._burst.runs and any(sent.role == "burst" for sent in self._sent.values()):
            # Its answer will tell when the next window has begun.
            return None
        kept = KEPT_BLIND if self._blind else KEPT if self.lead.early > RARE else 0
        points = self._burst.used(now) + self._under_way() + 1
        if points > self.limits.burst - kept:
            return None
        return self._burst.due(points, kept)

    # -- learning

    def answered(self, number: int | None, answered: GameTime, headers: LimitHeaders) -> None:
        """Take note of any answer but a 429."""
        sent = self._pop(number)
        self._blind = headers.reset is None or headers.remaining is None
        if headers.reset is None or headers.remaining is None:
            self._guess(sent, answered)
            return
        if sent is not None and sent.aim is not None:
            self._learn(sent, sent.aim, headers.reset, headers.remaining)
        self._place(headers.reset, headers.remaining, sent, answered)

    def _learn(self, sent: _Sent, aim: GameTime, ends: GameTime, remaining: int) -> None:
        """See whether a request that was to open a window came before or after it could."""
        if ends <= aim + SAME:
            self.lead.came_early(aim - sent.planned, EARLY_SHARE)
        elif remaining == self.limits.points - 1:
            self.lead.came(ends - self.limits.seconds - sent.planned, EARLY_SHARE)

    def _place(
        self, ends: GameTime, remaining: int, sent: _Sent | None, answered: GameTime
    ) -> None:
        """Count the answer into its window; what exceeds the static points was a burst point."""
        known = next((end for end in self._counts if abs(end - ends) < SAME), None)
        key = ends if known is None else known
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count > self.limits.points:
            self._burst.use(sent.at if sent else answered, answered)
        if key > self._ends + SAME:
            self._ends, self._left = key, remaining
        elif key >= self._ends - SAME:
            self._left = min(self._left, remaining)
        while len(self._counts) > 8:
            del self._counts[next(iter(self._counts))]

    def _guess(self, sent: _Sent | None, answered: GameTime) -> None:
        """Without headers the latest possible arrival is the only safe assumption."""
        latest = GameTime(answered + self.limits.seconds)
        if sent is None or sent.role == "burst":
            self._burst.use(sent.at if sent else answered, answered)
        elif sent.at >= self._ends:
            self._ends, self._left = latest, self.limits.points - 1
        elif answered < self._ends and self._left > 0:
            self._left -= 1
        else:
            # It may have opened a window, or taken the last point of the one before.
            self._ends, self._left = latest, 0

    def refused(self, number: int | None, now: GameTime, headers: LimitHeaders) -> None:
        """Take note of a 429: nothing is sent before the time that it names."""
        self._pop(number)
        until = headers.reset
        if until is None or until < now - self.limits.burst_seconds:
            until = GameTime(now + (headers.retry_after or self.limits.seconds))
        until = min(until, GameTime(now + self.limits.burst_seconds))
        until = max(GameTime(until + TICK), GameTime(now + 10 * TICK))
        self._blocked = max(self._blocked, until)
        self._burst.exhaust(now)
        self.lead.doubt()
        self._ends, self._left = max(self._ends, until), 0

    def _pop(self, number: int | None) -> _Sent | None:
        return None if number is None else self._sent.pop(number, None)

    def unsent(self, number: int | None) -> None:
        """Forget a request that never left."""
        self._pop(number)

    def lost(self, number: int | None) -> None:
        """Forget a request of which nobody will tell what became of it; it may have counted."""
        sent = self._pop(number)
        if sent is not None:
            self._burst.use(sent.at, sent.at)


class Unlimited(Limiter):
    """For a server without limits."""

    def permit_at(self, now: GameTime) -> GameTime:
        """Let everything through at once."""
        return now
