"""How long a request is on its way to the server: between which bounds, as far as is known.

The way of a request is when the server counted it, by the server's clock, less when it was to
be sent, by ours. It contains the error of our clock, late threads and the network alike, so
none of them has to be known by itself. Game seconds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from fleet.actors.limits import TICK

FARTHEST = 3.0
"""Most that any way takes, before anything is known and whatever was learnt: a fit of the clock
may be off, and a request that has been silent for so long has arrived or got lost."""

REMEMBERED = 30
"""So many ways are looked back upon, half a minute of a busy fleet."""

WIDEST = 0.9
"""Most that the spread is taken for; beyond that no request is sent into an open window."""

CARE = 0.25
"""Of the range: so far below the least way seen no way is expected at all."""

HELD_UP = 0.2
"""A way that is so much longer than expected was a hold-up of the whole process, and no news of the
network: others were held up with it, and more may follow."""

FIRST_SPREAD = 0.05
"""What the spread is taken for before there are ways to compare."""


class Way(Protocol):
    """Bounds of the way, learnt from requests that opened a window."""

    @property
    def least(self) -> float:
        """No way is shorter, as far as is known."""
        ...

    @property
    def most(self) -> float:
        """No way is longer, as far as is known."""
        ...

    @property
    def behind(self) -> float:
        """Our clock is behind the server's by no more than this: nothing arrives before it left."""
        ...

    @property
    def care(self) -> float:
        """So much later is sent what must not come early."""
        ...

    @property
    def steady(self) -> bool:
        """Whether there was no surprise lately."""
        ...

    @property
    def certain(self) -> bool:
        """Whether the bounds can't be wrong."""
        ...

    def took(self, way: float) -> None:
        """Take note of a way that is known exactly."""
        ...

    def took_less(self, bound: float) -> None:
        """Take note of a way that was shorter than expected, and shorter than this."""
        ...

    def took_longer(self, bound: float) -> None:
        """Take note of a way that was longer than expected, and longer than this."""
        ...

    def doubt(self) -> None:
        """Take note that the server refused what should have been allowed."""
        ...


@dataclass(slots=True)
class KnownSpread:
    """For ways in [a, a + spread], where the spread is known and `a` is not.

    Each way that is seen tells that `a` is at most that, and at least that less the spread.
    """

    spread: float
    least: float = -FARTHEST
    most: float = FARTHEST
    behind: float = FARTHEST
    care: float = 0.0
    steady: bool = True
    certain: bool = True

    def took(self, way: float) -> None:
        """Narrow both bounds."""
        self.least = max(self.least, way - self.spread)
        self.most = min(self.most, way + TICK + self.spread)
        self.behind = min(self.behind, way + TICK)

    def took_less(self, bound: float) -> None:
        """Narrow the upper bound."""
        self.most = min(self.most, bound + self.spread)

    def took_longer(self, bound: float) -> None:
        """Narrow the lower bound."""
        self.least = max(self.least, bound - self.spread)

    def doubt(self) -> None:
        """Do nothing: what is known stays true."""


@dataclass(slots=True)
class LearntSpread:
    """For ways of which nothing is known: bounds of the latest ones, moved out a little.

    The least of n ways lies above the least possible one by about the range / n, if ways are
    spread evenly, so that much is taken off. A way that turns out shorter was a request that came
    early and took a burst point, of which some are always left: bounds need not be certain.
    """

    least: float = -FARTHEST
    most: float = FARTHEST
    behind: float = FARTHEST
    care: float = 0.0
    certain: bool = False
    _ways: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _quiet: int = 0
    """Exact ways since the last surprise."""

    @property
    def steady(self) -> bool:
        """Whether there was no surprise lately."""
        return self._quiet >= REMEMBERED

    def took(self, way: float) -> None:
        """Add a way; the oldest one is forgotten."""
        self._quiet = 0 if self._is_held_up(way) else self._quiet + 1
        self._ways.append(way)
        self._fit()

    def took_less(self, bound: float) -> None:
        """Add a way a little below the bound; how much shorter it was nobody can tell."""
        self._quiet = 0
        self._ways.append(bound - max(0.25 * self._scale(), 0.001))
        self._fit()

    def took_longer(self, bound: float) -> None:
        """Learn no bound: single requests that are held up tell little of the next one's way."""
        if self._is_held_up(bound):
            self._quiet = 0

    def _is_held_up(self, way: float) -> bool:
        return bool(self._ways) and way > self.most + max(HELD_UP, 2.0 * self._scale())

    def doubt(self) -> None:
        """Have the next requests come later."""
        self._quiet = 0
        if self._ways:
            self._ways.append(min(self._ways) - max(0.5 * self._scale(), 0.002))
            self._fit()

    def _scale(self) -> float:
        """Guess the range of the ways; from the middle, since single ones may be far out."""
        ways = sorted(self._ways)
        usual = 2.0 * (ways[len(ways) // 2] - ways[0]) if ways else 0.0
        return max(usual, FIRST_SPREAD / max(1, len(ways)))

    def _fit(self) -> None:
        ways, scale = sorted(self._ways), self._scale()
        self.least = max(-FARTHEST, ways[0] - scale / len(ways))
        # Of several requests that are sent together the quickest opens the window, so that the
        # ways that are seen are shorter than most.
        farthest = max(ways[-1 - len(ways) // 16], ways[0] + 2.0 * scale)
        self.most = min(self.least + WIDEST, farthest, FARTHEST)
        self.behind = ways[0] + TICK
        self.care = CARE * scale


@dataclass(slots=True)
class RoundTrip:
    """For answers that tell nothing of the windows: requests arrive before they are answered.

    Times are those of our own clock then.
    """

    least: float = 0.0
    most: float = FARTHEST
    behind: float = 0.0
    care: float = 0.0
    steady: bool = False
    certain: bool = False
    _trips: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def took(self, way: float) -> None:
        """Add the time from sending to the answer."""
        self._trips.append(way)
        self.most = min(FARTHEST, 1.25 * max(self._trips))

    def took_less(self, bound: float) -> None:
        """Do nothing: nothing arrives before it is sent."""

    def took_longer(self, bound: float) -> None:
        """Do nothing: what is answered has arrived."""

    def doubt(self) -> None:
        """Take the trips for longer than they seem."""
        self.took(1.25 * self.most)
