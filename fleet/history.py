"""The course of one figure over a run of any length, in a bounded number of values."""

from __future__ import annotations


class History:
    """Keeps a value now and then, ever more rarely, so that the whole run stays in view.

    Not for use by two threads at once.
    """

    def __init__(self, *, step: float = 1.0, most: int = 200) -> None:
        """Start with a value each `step` seconds; never keep more than `most` of them."""
        self._step = step
        self._most = max(4, most)
        self._values: list[int] = []
        self._due: float | None = None

    def add(self, at: float, value: int) -> None:
        """Offer the value of a moment, in seconds; most offers are passed over."""
        if self._due is None:
            self._due = at
        if at < self._due:
            return
        self._values.append(value)
        if len(self._values) > self._most:
            del self._values[1::2]
            self._step *= 2
        # From the moment itself, so that a pause doesn't let the values come in a rush.
        self._due = at + self._step

    @property
    def values(self) -> list[int]:
        """Give the kept values, oldest first."""
        return list(self._values)
