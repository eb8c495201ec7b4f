"""Counts what the summary and the status tell of events, on their way to the log."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.protocol.members import agent_of
from fleet.runtime.events import EventSink

# Injected faults are asked for: they are no tracebacks of ours.
CHAOS = "Misbehaviour"
ROUTINE = frozenset({"actor.started", "actor.ready", "actor.stopped"})
"""Turns of every life: whoever looks at an actor wants to know what came before them."""


@dataclass(frozen=True, slots=True)
class Last:
    """The latest event about an actor."""

    wall: float
    level: str
    event: str
    text: str


class Tally:
    """An event sink in front of another one; called from any thread."""

    def __init__(self, sink: EventSink, wall: Callable[[], float], keep: int = 50) -> None:
        self._sink = sink
        self._wall = wall
        self.counts: Counter[str] = Counter()
        self.tracebacks = 0
        self.reconciled: Counter[str] = Counter()
        """Credits that audits of this process had to reconcile, added up, by the agent as paths
        name it: the first one is ""."""

        self.recent: deque[tuple[float, str, str, str, str]] = deque(maxlen=keep)
        """Wall time, level, actor, event and text of the latest events above debug."""

        self.last: dict[str, Last] = {}
        """The latest event about each actor, debug ones as well, by path."""

        self.resting: set[str] = set()
        """Paths of the actors in quarantine."""

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Count the event and pass it on."""
        self.counts[event] += 1
        actor = str(fields.get("actor", ""))
        unasked = fields.get("reason") != CHAOS
        if unasked and (event.endswith(".failed") or event == "actor.crashed"):
            self.tracebacks += 1
        if event == "ledger.reconciled":
            self.reconciled[agent_of(actor)] += int(fields.get("difference", 0))
        self._note(event, level, text, actor, str(fields.get("child", "")))
        if level != "debug":
            self.recent.append((self._wall(), level, actor, event, text))
        self._sink.emit(event, level=level, text=text, **fields)

    def _note(self, event: str, level: str, text: str, actor: str, child: str) -> None:
        """Remember what was last said about whom; a supervisor's word is about its child."""
        if not actor or event in ROUTINE:
            return
        path = f"{actor}/{child}" if child else actor
        self.last[path] = Last(self._wall(), level, event, text)
        if event == "child.quarantined":
            self.resting.add(path)
        elif event in ("actor.restarted", "child.ended"):
            self.resting.discard(path)
