"""Keeps the same alarm from being raised again and again."""

from __future__ import annotations

from fleet.protocol.clock import Monotonic


class Cooldown:
    """Remembers per key when it was last let through; for one thread."""

    def __init__(self, seconds: float) -> None:
        """Let each key through once in so many wall seconds."""
        self._seconds = seconds
        self._last: dict[str, Monotonic] = {}

    def lets(self, key: str, now: Monotonic) -> bool:
        """Say whether it may happen now, and take note if so."""
        last = self._last.get(key)
        if last is not None and now < last + self._seconds:
            return False
        self._last[key] = now
        return True

    def forget(self, keep: set[str]) -> None:
        """Drop the keys that nobody asks for any more."""
        self._last = {key: at for key, at in self._last.items() if key in keep}
