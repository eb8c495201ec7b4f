"""An event sink that lets somebody else know of some of the events that pass through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.runtime.events import EventSink

Hear = Callable[[str, Mapping[str, Any]], None]
"""Takes an event's name and fields, in the emitter's thread; must not block."""


class Overheard:
    """Passes every event on first, so that the log keeps its order; callable from any thread."""

    def __init__(self, sink: EventSink, names: frozenset[str], hear: Hear) -> None:
        """Pass on to `sink`, and tell `hear` of the events with these names."""
        self._sink = sink
        self._names = names
        self._hear = hear

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Pass an event on."""
        self._sink.emit(event, level=level, text=text, **fields)
        if event in self._names:
            self._hear(event, fields)
