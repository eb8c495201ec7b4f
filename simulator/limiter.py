"""The rate limit: two pools of fixed windows per address and per account, in game time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec

from fleet.protocol.clock import GameTime

PER_SECOND = 2
STATIC_SECONDS = 1.0
BURST = 30
BURST_SECONDS = 60.0
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Window:
    """A pool of points that refills when its window ends; a window starts with its first point."""

    points: int
    seconds: float
    ends: float = -math.inf
    used: int = 0

    def left(self, now: float) -> int:
        """Tell the points left at a time."""
        return self.points if now >= self.ends else self.points - self.used

    def take(self, now: float) -> None:
        """Use one point; the caller has seen that there is one."""
        if now >= self.ends:
            self.ends = now + self.seconds
            self.used = 0
        self.used += 1


class Verdict(msgspec.Struct, frozen=True):
    """What the limiter says about one request."""

    allowed: bool
    kind: str
    """`IP Address` or `Account`: whose pools are meant."""

    remaining: int
    """Points left in the static window."""

    reset: GameTime
    """End of the static window, or when refused the first moment at which a pool reopens."""


class Pools:
    """The static and the burst pool of one address or account (official: 2 per s, 30 per 60 s)."""

    __slots__ = ("burst", "kind", "static")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.static = Window(PER_SECOND, STATIC_SECONDS)
        self.burst = Window(BURST, BURST_SECONDS)

    def open(self, now: float) -> bool:
        """Whether a request may pass."""
        return self.static.left(now) > 0 or self.burst.left(now) > 0

    def idle(self, now: float) -> bool:
        """Whether both windows have ended, so that nothing is lost by forgetting them."""
        return now >= self.static.ends and now >= self.burst.ends

    def take(self, now: GameTime) -> int:
        """Let a request pass: the static pool is used first (official). Tells what it has left."""
        (self.static if self.static.left(now) > 0 else self.burst).take(now)
        return self.static.left(now)

    def passed(self, remaining: int) -> Verdict:
        """Say that a request has passed, and what is left."""
        return Verdict(True, self.kind, remaining, GameTime(self.static.ends))

    def refuse(self, now: GameTime) -> Verdict:
        """Turn a request away; that costs nothing (guessed)."""
        reopens = min(self.static.ends, self.burst.ends)
        return Verdict(False, self.kind, 0, GameTime(max(now, reopens)))


class Limiter:
    """Keeps the pools of every address and account; lives in the simulator's thread.

    Without the pools of addresses, agents on one machine don't share one allowance.
    """

    def __init__(self, *, addresses: bool = True) -> None:
        self._by_address = addresses
        self._addresses: dict[str, Pools] = {}
        self._accounts: dict[str, Pools] = {}

    def admit(self, address: str, account: str | None, now: GameTime) -> Verdict:
        """Count one request; one with a token must pass both its address and its account."""
        pools = []
        if self._by_address or account is None:
            pools.append(self._pools(self._addresses, address, "IP Address", now))
        if account is not None:
            pools.append(self._pools(self._accounts, account, "Account", now))
        for row in pools:
            if not row.open(now):
                return row.refuse(now)
        # What is told is the pool with the least left, the address's where both have as much.
        left = [row.take(now) for row in pools]
        least = left.index(min(left))
        return pools[least].passed(left[least])

    def _pools(self, known: dict[str, Pools], key: str, kind: str, now: float) -> Pools:
        found = known.get(key)
        if found is None:
            if len(known) >= MOST_REMEMBERED:
                for name in [name for name, pools in known.items() if pools.idle(now)]:
                    del known[name]
            found = known[key] = Pools(kind)
        return found
