"""Counts a galaxy's waypoints bit by bit, so that nobody who asks has to wait for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fleet.simulator.world.star import Star


class Census:
    """Goes once through all stars and adds up; lives in the simulator's thread."""

    def __init__(self, stars: Callable[[], Iterable[Star]], size_of: Callable[[Star], int]) -> None:
        self._stars = stars
        self._size_of = size_of
        self._left: Iterator[Star] | None = None
        self._sum = 0
        self.complete = False

    def advance(self, most: int) -> None:
        """Count some systems more."""
        if self.complete:
            return
        if self._left is None:
            self._left = iter(self._stars())
        for _ in range(most):
            star = next(self._left, None)
            if star is None:
                self.complete = True
                return
            self._sum += self._size_of(star)

    def total(self) -> int:
        """Tell how many waypoints there are; counts what is left."""
        while not self.complete:
            self.advance(1_000)
        return self._sum
