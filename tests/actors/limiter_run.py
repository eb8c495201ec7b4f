"""The server's windows in virtual time, and a run of the limiter against them."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.actors.limiter import Limiter
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime

MS_AT_60 = 0.06
"""One millisecond of wall time at speed 60, in game seconds."""

Delay = Callable[[random.Random], float]


class Server:
    """Both fixed windows as the server counts them; resets cut to milliseconds as it tells them."""

    def __init__(self, points: int = 2, burst: int = 30) -> None:
        self.points, self.burst = points, burst
        self.static_ends = self.burst_ends = -math.inf
        self.static_used = self.burst_used = 0

    def admit(self, now: float) -> tuple[bool, LimitHeaders]:
        if now >= self.static_ends:
            self.static_ends, self.static_used = now + 1.0, 0
        if self.static_used < self.points:
            self.static_used += 1
            return True, self.told(self.points - self.static_used, self.static_ends)
        if now >= self.burst_ends and self.burst:
            self.burst_ends, self.burst_used = now + 60.0, 0
        if self.burst_used < self.burst:
            self.burst_used += 1
            return True, self.told(0, self.static_ends)
        return False, self.told(0, min(self.static_ends, self.burst_ends), retry_after=1.0)

    def told(self, remaining: int, reset: float, retry_after: float | None = None) -> LimitHeaders:
        cut = GameTime(math.floor(reset * 1000) / 1000)
        return LimitHeaders(remaining=remaining, reset=cut, retry_after=retry_after)


def nothing(_: random.Random) -> float:
    return 0.0


def shaky(least: float, mean: float) -> Delay:
    return lambda rng: least + rng.expovariate(1 / mean)


@dataclass
class Run:
    """Workers that ask for permits as long as there is demand."""

    there: Delay = nothing
    back: Delay = nothing
    late: Delay = nothing
    """How late timers and threads are."""

    workers: int = 4
    seed: int = 1
    headers: Callable[[LimitHeaders], LimitHeaders] = lambda told: told
    foreign: float = 0.0
    """Requests per second that somebody else sends."""

    offset: float = 0.0
    """How far our clock is off."""

    limiter: Limiter = field(default_factory=Limiter)
    server: Server = field(default_factory=Server)
    held_up: Callable[[float], float] = lambda now: now
    """Until when a request that is sent at a time is held up."""

    demand: list[float] | None = None
    """When requests come in; None: always."""

    now: float = 1000.0
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.heap: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = itertools.count()
        self.free = self.workers
        self.waiting = 0
        self.armed = 0

    def at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self.heap, (moment, next(self.numbers), act))

    def run(self, seconds: float) -> Run:
        end = self.now + seconds
        for moment in self.demand or ():
            self.at(self.now + moment, self._ask)
        if self.foreign:
            self.at(self.now, self._foreign)
        self.at(self.now, self._pump)
        while self.heap and self.heap[0][0] < end:
            self.now, _, act = heapq.heappop(self.heap)
            act()
        self.now = end
        return self

    def _ask(self) -> None:
        self.waiting += 1
        self._pump()

    def _foreign(self) -> None:
        self.server.admit(self.now)
        self.at(self.now + self.rng.expovariate(self.foreign), self._foreign)

    def _pump(self) -> None:
        while self.free and (self.demand is None or self.waiting):
            now = GameTime(self.now + self.offset)
            permit = self.limiter.permit_at(now)
            if permit > now:
                self.armed += 1
                mine, due = self.armed, permit - self.offset + self.late(self.rng)
                self.at(due, lambda mine=mine: self._fire(mine))
                return
            number, sent = self.limiter.sent(now), self.now
            self.free, self.waiting = self.free - 1, self.waiting - 1
            arrives = self.held_up(sent) + self.there(self.rng)
            self.at(arrives, lambda number=number: self._arrive(number))

    def _fire(self, mine: int) -> None:
        if mine == self.armed:
            self._pump()

    def _arrive(self, number: int) -> None:
        allowed, told = self.server.admit(self.now)
        (self.served if allowed else self.refused).append(self.now)
        back = self.now + self.back(self.rng)
        self.at(back, lambda: self._answer(number, allowed, self.headers(told)))

    def _answer(self, number: int, allowed: bool, told: LimitHeaders) -> None:
        self.free += 1
        now = GameTime(self.now + self.offset)
        (self.limiter.answered if allowed else self.limiter.refused)(number, now, told)
        self._pump()

    def share(self, warm: float = 1120.0) -> float:
        return sum(moment >= warm for moment in self.served) / (self.now - warm) * 60 / 150
