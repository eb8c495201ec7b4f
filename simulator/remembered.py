"""What was made once and may be asked for again: bounded, the oldest is forgotten first."""

from __future__ import annotations

from itertools import islice
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V]):
    """A dictionary that forgets the older half of what it holds when it is full.

    Looking up costs what it costs in any dictionary. A world may run for weeks: what is
    remembered of it must come to an end early, or the process looks as if it leaked.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """Remember a value, and give it back."""
        if len(self) >= self._most and key not in self:
            for oldest in list(islice(self, (self._most + 1) // 2)):
                del self[oldest]
        self[key] = value
        return value
