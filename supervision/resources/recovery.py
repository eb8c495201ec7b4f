"""The story of each hang, as people look for it in the log: frozen, being recovered, recovered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fleet.runtime import ActorSystem
from fleet.runtime.actor import Starting
from fleet.runtime.cell import Cell, State
from fleet.supervision.resources import texts
from fleet.supervision.resources.alarms import Alarm
from fleet.supervision.resources.gauge import Gauge

HEARD: Final = frozenset({"actor.hung", "actor.crashed", "child.quarantined"})
"""The events that move a story on."""


@dataclass(slots=True)
class _Story:
    incarnation: int
    """That hung."""


class Recoveries:
    """Follows every actor that hung until its replacement works or fails; for one thread."""

    def __init__(self, system: ActorSystem, gauge: Gauge) -> None:
        """Begin with nobody frozen."""
        self._system = system
        self._gauge = gauge
        self._stories: dict[str, _Story] = {}

    @property
    def open(self) -> bool:
        """Whether somebody is being recovered."""
        return bool(self._stories)

    def hear(self, event: str, fields: Mapping[str, Any]) -> Iterator[Alarm]:
        """Take an event in and tell what follows from it."""
        actor, child = str(fields.get("actor", "")), fields.get("child")
        path = f"{actor}/{child}" if child else actor
        match event:
            case "actor.hung":
                yield from self._frozen(path, fields)
            case "actor.crashed" | "child.quarantined" if path in self._stories:
                yield from self._failed(path, str(fields.get("reason", event)))

    def _frozen(self, path: str, fields: Mapping[str, Any]) -> Iterator[Alarm]:
        memory, named = self._gauge.memory(), {"actor": path}
        if path in self._stories:
            yield from self._failed(path, "hung again")
        usage = {"rss": memory.rss, "vms": memory.vms, "scope": "process"}
        text = texts.memory_at_timeout(memory)
        yield Alarm("memory.sampled", text, "info", named | usage)
        operation = str(fields.get("message_type", ""))
        yield Alarm("freeze.detected", texts.freeze_detected(path, operation), fields=named)
        yield Alarm("recovery.started", texts.recovery_attempted(path), "info", named)
        self._stories[path] = _Story(int(fields.get("incarnation", 0)))

    def _failed(self, path: str, reason: str) -> Iterator[Alarm]:
        del self._stories[path]
        text = texts.not_recovered(path, reason)
        yield Alarm("recovery.lost", text, "error", {"actor": path, "reason": reason})

    def look(self) -> Iterator[Alarm]:
        """Tell who works again; to be called when everything was heard that has happened."""
        for path, story in list(self._stories.items()):
            cell = self._system.cell(path)
            if cell is None or cell.closed:
                # Such as an experiment's actor, which is never started again.
                yield from self._failed(path, "it is not started again")
            elif _works(cell, story.incarnation):
                del self._stories[path]
                text = texts.recovered(path)
                yield Alarm("recovery.succeeded", text, "info", {"actor": path})


def _works(cell: Cell, hung: int) -> bool:
    """Whether a later incarnation has come through its start."""
    if cell.state is not State.RUNNING or cell.number <= hung + 1:
        return False
    hand = cell.in_hand
    return hand is None or not isinstance(hand.envelope.message, Starting)
