"""When the next request may be sent: the server's pools, seen from this end of the way.

The server counts 2 points per second, used first, and 30 per minute, used when those are gone,
for each address and for each account. Each window starts with the first point used in it, at
the server; only the replies tell when that was. Pure: no threads, no clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import msgspec

from fleet.actors.clock_gap import ClockGap
from fleet.actors.limit_pools import LimitPools
from fleet.actors.limits import GRAIN, NEVER, TICK, Limits
from fleet.actors.way import LearntSpread, RoundTrip, Way
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime


class _Sent(msgspec.Struct, frozen=True):
    at: GameTime
    account: str


@dataclass(slots=True)
class Limiter:
    """Tells when to send, and learns from what comes back. One thread; game seconds.

    The headers tell of that pool which has the least left, the address's mostly; what an
    account has used follows from what was sent for it. With one account both are the same.
    """

    limits: Limits = field(default_factory=Limits)
    way: Callable[[], Way] = LearntSpread
    """Makes the bounds of the way, with nothing learnt yet."""

    _address: LimitPools = field(init=False)
    _accounts: dict[str, LimitPools] = field(default_factory=dict)
    """The pools of each account; none while there is but one, since they are the address's."""

    _only: str | None = None
    """The account that was the only one so far."""

    _way: Way = field(init=False)
    _blind: RoundTrip = field(default_factory=RoundTrip)
    """What is believed while answers tell nothing of the windows."""

    _gap: ClockGap = field(default_factory=ClockGap)
    _sent: dict[int, _Sent] = field(default_factory=dict)
    _number: int = 0
    _blocked: GameTime = NEVER

    def __post_init__(self) -> None:
        self._way = self.way()
        self._address = LimitPools(self.limits, self._way)

    @property
    def several(self) -> bool:
        """Whether requests are sent in the name of several accounts."""
        return bool(self._accounts)

    @property
    def endless(self) -> bool:
        """Whether there is no limit at all."""
        return False

    def distrust(self, now: GameTime) -> None:
        """Begin without knowing what was used before: as if both windows had just been."""
        for pools in (self._address, *self._accounts.values()):
            pools.distrust(now)

    # -- asking

    def permit_at(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        """Tell the earliest time at which a request may be sent; `now` if it may be sent now.

        An urgent one may use a burst point before the even plan comes to it.
        """
        if self._blocked > now:
            return self._blocked
        at = self._address.next(now, urgent=urgent)
        return now if at <= now + GRAIN else at

    def firm(self, now: GameTime) -> bool:
        """Whether the next permit rests on what answers have told, and not on a guess."""
        return self._address.firm and self._blocked <= now

    def account_at(self, account: str, at: GameTime) -> GameTime:
        """Tell from when on, after that time, a request may be sent in the name of an account."""
        pools = self._accounts.get(account)
        return at if pools is None else max(at, pools.next(at, urgent=True))

    def sent(self, at: GameTime, account: str = "") -> int:
        """Take note that a request goes out, now or at the time that was permitted.

        Tells the number under which it is answered.
        """
        self._meet(account)
        self._number += 1
        self._sent[self._number] = _Sent(at, account)
        for pools in self._pools(account):
            pools.sent(self._number, at)
        return self._number

    def _meet(self, account: str) -> None:
        """Count by account as soon as there are several: until then the address's pools do."""
        if self._only is None:
            self._only = account
        if account == self._only or account in self._accounts:
            return
        if not self._accounts:
            known = self._accounts[self._only] = deepcopy(self._address)
            known.follow(self._address.way)
        self._accounts[account] = LimitPools(self.limits, self._address.way)

    def _pools(self, account: str) -> tuple[LimitPools, ...]:
        own = self._accounts.get(account)
        return (self._address,) if own is None else (self._address, own)

    # -- learning

    def answered(self, number: int | None, answered: GameTime, headers: LimitHeaders) -> None:
        """Take note of any answer but a 429."""
        sent = None if number is None else self._sent.pop(number, None)
        if number is None or sent is None:
            return
        if headers.reset is None or headers.remaining is None:
            self._blind.took(answered - sent.at)
            self._follow(self._blind)
            for pools in self._pools(sent.account):
                pools.silent(number, answered)
            return
        ends, opened = self._gap.ours(headers.reset), headers.remaining == self.limits.points - 1
        begun, lasts = GameTime(ends - self.limits.seconds), self.limits.seconds
        if self._gap.is_wrong(sent.at, answered, begun, opened=opened, lasts=lasts):
            self._gap.follow(sent.at, begun)
            self._begin_anew(answered)
            return
        self._follow(self._way)
        told, other = self._told(sent.account, headers)
        told.told(number, ends, headers.remaining, answered)
        if other is not None:
            latest = begun + TICK if opened else ends
            other.silent(number, min(GameTime(latest), GameTime(answered + self._way.behind)))

    def _begin_anew(self, now: GameTime) -> None:
        """Forget what was learnt by a clock that is not the server's."""
        self._way = self.way()
        self._address = LimitPools(self.limits, self._way)
        self._accounts = {name: LimitPools(self.limits, self._way) for name in self._accounts}
        self.distrust(now)

    def _told(self, account: str, headers: LimitHeaders) -> tuple[LimitPools, LimitPools | None]:
        """Tell of which pools the headers speak, and which others the request was counted in."""
        own = self._accounts.get(account)
        if own is None:
            return self._address, None
        return (own, self._address) if headers.account else (self._address, own)

    def _follow(self, way: Way) -> None:
        if self._address.way is not way:
            for pools in (self._address, *self._accounts.values()):
                pools.follow(way)

    def refused(self, number: int | None, now: GameTime, headers: LimitHeaders) -> None:
        """Take note of a 429: nothing is sent before the time that it names.

        Where it is the account's pools that are empty, nothing in the name of that account.
        """
        sent = None if number is None else self._sent.pop(number, None)
        until = None if headers.reset is None else self._gap.ours(headers.reset)
        if until is None or until < now - self.limits.burst_seconds:
            until = GameTime(now + (headers.retry_after or self.limits.seconds))
        until = min(until, GameTime(now + self.limits.burst_seconds))
        until = max(GameTime(until + TICK), GameTime(now + 10 * TICK))
        told, other = self._told("" if sent is None else sent.account, headers)
        told.refused(number, now, until)
        told.way.doubt()
        if other is not None and number is not None:
            other.unsent(number)
        if told is self._address:
            self._blocked = max(self._blocked, until)

    def unsent(self, number: int | None) -> None:
        """Forget a request that never left."""
        sent = None if number is None else self._sent.pop(number, None)
        if number is not None and sent is not None:
            for pools in self._pools(sent.account):
                pools.unsent(number)

    def lost(self, number: int | None) -> None:
        """Forget a request of which nobody will tell what became of it; it may have counted."""
        sent = None if number is None else self._sent.pop(number, None)
        if number is not None and sent is not None:
            for pools in self._pools(sent.account):
                pools.silent(number)


class Unlimited(Limiter):
    """For a server without limits."""

    @property
    def endless(self) -> bool:
        """Say so."""
        return True

    def permit_at(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        """Let everything through at once."""
        return now
