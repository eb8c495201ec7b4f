"""A high-water mark that is looked at before it is raised."""

from __future__ import annotations


class Peak:
    """Tells, once per crossing, that a value has grown beyond its previous peak by too much.

    The previous peak is the one known at the last crossing (at first: the first value), not the
    one of the sample before: memory that leaks a little with every sample would never cross
    that. Raising it before the comparison would make the alarm impossible.
    """

    def __init__(self, growth: float) -> None:
        """Allow growth by this part of the peak."""
        self._growth = growth
        self._mark = 0
        self.highest = 0

    def take(self, value: int) -> int | None:
        """Take a value; tell the previous peak if this one has crossed it."""
        previous = self._mark
        crossed = previous > 0 and value > previous * (1 + self._growth)
        if crossed or not previous:
            self._mark = value
        self.highest = max(self.highest, value)
        return previous if crossed else None
