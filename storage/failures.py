"""Counts failures in a row, and says when idle connections had better be thrown away."""

from __future__ import annotations

from dataclasses import dataclass

RESET_AFTER = 3
"""Failures in a row after which a pool is emptied: its connections may all be broken."""


@dataclass(slots=True)
class Failures:
    """For one thread."""

    count: int = 0

    def failed(self) -> bool:
        """Take note of a failure; say whether the pool has to be reset now."""
        self.count += 1
        return self.count % RESET_AFTER == 0

    def succeeded(self) -> None:
        """Take note of a success."""
        self.count = 0
