"""Where the kernel tells what happens: one call per event, never blocking."""

from __future__ import annotations

from typing import Any, Protocol


class EventSink(Protocol):
    """Takes events from any thread; must neither block nor raise."""

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Record one event named `noun.past_participle`, with a readable sentence in `text`."""
        ...


class NullEvents:
    """Drops every event; for benchmarks and for tests that look elsewhere."""

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Drop the event."""
