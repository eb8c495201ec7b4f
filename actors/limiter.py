"""When the next request may be sent: the server's pools, seen from this end of the way.

The server counts 2 points per second, used first, and 30 per minute, used when those are gone,
for each address and for each account. Each window starts with the first point used in it, at
the server; only the replies tell when that was. Pure: no threads, no clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.actors.limit_pools import LimitPools
from fleet.actors.limits import GRAIN, NEVER, TICK, Limits
from fleet.actors.way import LearntSpread, RoundTrip, Way
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime


@dataclass(slots=True)
class Limiter:
    """Tells when to send, and learns from what comes back. One thread; game seconds.

    The headers tell of that pool which has the least left, the address's mostly; what an
    account has used follows from what was sent for it. With one account both are the same.
    """

    limits: Limits = field(default_factory=Limits)
    way: Callable[[], Way] = LearntSpread
    """Makes the bounds of the way, with nothing learnt yet."""

    _pools: LimitPools = field(init=False)
    _way: Way = field(init=False)
    _blind: RoundTrip = field(default_factory=RoundTrip)
    """What is believed while answers tell nothing of the windows."""

    _sent: dict[int, GameTime] = field(default_factory=dict)
    _number: int = 0
    _blocked: GameTime = NEVER

    def __post_init__(self) -> None:
        self._way = self.way()
        self._pools = LimitPools(self.limits, self._way)

    def distrust(self, now: GameTime) -> None:
        """Begin without knowing what was used before: as if both windows had just been."""
        self._pools.distrust(now)

    # -- asking

    def permit_at(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        """Tell the earliest time at which a request may be sent; `now` if it may be sent now.

        An urgent one may use a burst point before the even plan comes to it.
        """
        if self._blocked > now:
            return self._blocked
        at = self._pools.next(now, urgent=urgent)
        return now if at <= now + GRAIN else at

    def firm(self, now: GameTime) -> bool:
        """Whether the next permit rests on what answers have told, and not on a guess."""
        return self._pools.firm and self._blocked <= now

    def sent(self, at: GameTime) -> int:
        """Take note that a request goes out, now or at the time that was permitted.

        Tells the number under which it is answered.
        """
        self._number += 1
        self._pools.sent(self._number, at)
        self._sent[self._number] = at
        return self._number

    # -- learning

    def answered(self, number: int | None, answered: GameTime, headers: LimitHeaders) -> None:
        """Take note of any answer but a 429."""
        if number is None or number not in self._sent:
            return
        sent = self._sent.pop(number)
        if headers.reset is None or headers.remaining is None:
            self._blind.took(answered - sent)
            self._pools.follow(self._blind)
            self._pools.silent(number)
        else:
            self._pools.follow(self._way)
            self._pools.told(number, headers.reset, headers.remaining, answered)

    def refused(self, number: int | None, now: GameTime, headers: LimitHeaders) -> None:
        """Take note of a 429: nothing is sent before the time that it names."""
        if number is not None:
            self._sent.pop(number, None)
        until = headers.reset
        if until is None or until < now - self.limits.burst_seconds:
            until = GameTime(now + (headers.retry_after or self.limits.seconds))
        until = min(until, GameTime(now + self.limits.burst_seconds))
        until = max(GameTime(until + TICK), GameTime(now + 10 * TICK))
        self._pools.refused(number, now, until)
        self._pools.way.doubt()
        self._blocked = max(self._blocked, until)

    def unsent(self, number: int | None) -> None:
        """Forget a request that never left."""
        if number is not None and self._sent.pop(number, None) is not None:
            self._pools.unsent(number)

    def lost(self, number: int | None) -> None:
        """Forget a request of which nobody will tell what became of it; it may have counted."""
        if number is not None and self._sent.pop(number, None) is not None:
            self._pools.silent(number)


class Unlimited(Limiter):
    """For a server without limits."""

    def permit_at(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        """Let everything through at once."""
        return now
