"""The best that sending by the clock alone can do, to hold the limiter against."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

from fleet.bench.bucket_stage import PER_MINUTE, Leg
from fleet.protocol.clock import GameTime
from fleet.simulator.limiter import Limiter

PERIODS = 60
"""So many periods of the pairs are tried, from one second upwards."""

BURST_RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.45, 0.48, 0.5)


@dataclass(frozen=True, slots=True)
class Pace:
    """Two requests each period, and single ones evenly in between; answers are not looked at."""

    period: float
    singles: float
    """Per second."""

    def sendings(self, seconds: float) -> Iterator[float]:
        """Tell when each request is sent."""
        pairs = (turn * self.period for turn in range(int(seconds / self.period)) for _ in (0, 1))
        if not self.singles:
            yield from pairs
            return
        count = int(seconds * self.singles)
        singles = (0.5 + turn / self.singles for turn in range(count))
        yield from heapq.merge(pairs, singles)


def share(pace: Pace, there: Leg, seconds: float, seed: int) -> float:
    """Tell the per cent of the allowance that a pace uses; 0 if it is ever refused."""
    rng, limiter = random.Random(seed), Limiter()
    arrivals = sorted(sent + there(rng) for sent in pace.sendings(seconds))
    for arrival in arrivals:
        if not limiter.admit("127.0.0.1", None, GameTime(arrival)).allowed:
            return 0.0
    return 100.0 * len(arrivals) / seconds * 60.0 / PER_MINUTE


def best_pace(there: Leg, spread: float, seconds: float, seed: int) -> float:
    """Try paces from the fastest on; tell the share of the best one that is never refused."""
    step = max(spread, 0.005) * 1.5 / PERIODS
    paces = [
        Pace(1.0 + step * turn, singles) for turn in range(PERIODS + 1) for singles in BURST_RATES
    ]
    best = 0.0
    for pace in sorted(paces, key=lambda pace: -(2 / pace.period + pace.singles)):
        if 100.0 * (2 / pace.period + pace.singles) * 60.0 / PER_MINUTE <= best:
            break
        best = max(best, share(pace, there, seconds, seed))
    return best
