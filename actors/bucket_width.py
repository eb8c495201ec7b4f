"""How many requests have to be under way at once, so that the allowance is used: Little's law."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from fleet.actors.limits import Limits

KEPT = 64
FEWEST = 8
"""Answers before which nothing is known: then every worker may be used."""

SHARE = 0.95
"""Of the answers, so many come within the time that is reckoned with."""


@dataclass(slots=True)
class BucketWidth:
    """Follows how long requests are under way; game seconds, in the bucket's thread.

    At a rate of L requests a second that take W seconds each, L * W are under way on the average;
    W is that of a slow one. To these come the points of a window and one of the burst, which
    set out together, before the answers to the last ones are there.
    """

    limits: Limits
    least: int = field(init=False)
    """As many may be under way however quick the answers are."""

    _took: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _slow: float = 0.0
    _looked: int = 0

    def __post_init__(self) -> None:
        self.least = self.limits.points + 1

    def took(self, seconds: float) -> None:
        """Take note of an answer."""
        self._took.append(seconds)
        self._looked += 1
        # Sorted now and then only: this is called for each request.
        if self._looked % FEWEST == 0:
            ordered = sorted(self._took)
            self._slow = ordered[min(len(ordered) - 1, int(SHARE * len(ordered)))]

    def wanted(self, oldest: float) -> int | None:
        """Tell how many may be under way; None while nothing is known.

        `oldest` is for how long one has been under way without an answer; endless where nobody
        knows any more, as after the death of the bucket that sent it.
        """
        if self._looked < FEWEST or oldest == math.inf:
            return None
        rate = self.limits.per_minute / 60.0
        return math.ceil(rate * max(self._slow, oldest)) + self.least
