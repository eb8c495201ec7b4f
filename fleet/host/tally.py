"""Counts what the summary and the status tell of events, on their way to the log."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from fleet.runtime.events import EventSink

# Injected faults are asked for: they are no tracebacks of ours.
CHAOS = "Misbehaviour"


class Tally:
    """An event sink in front of another one; called from any thread."""

    def __init__(self, sink: EventSink, wall: Callable[[], float], keep: int = 50) -> None:
        self._sink = sink
        self._wall = wall
        self.counts: Counter[str] = Counter()
        self.tracebacks = 0
        self.reconciled = 0
        """Credits that audits of this process had to reconcile, added up."""

        self.recent: deque[tuple[float, str, str, str, str]] = deque(maxlen=keep)
        """Wall time, level, actor, event and text of the latest events above debug."""

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Count the event and pass it on."""
        self.counts[event] += 1
        unasked = fields.get("reason") != CHAOS
        if unasked and (event.endswith(".failed") or event == "actor.crashed"):
            self.tracebacks += 1
        if event == "ledger.reconciled":
            self.reconciled += int(fields.get("difference", 0))
        if level != "debug":
            actor = str(fields.get("actor", ""))
            self.recent.append((self._wall(), level, actor, event, text))
        self._sink.emit(event, level=level, text=text, **fields)
