"""Makes alerts of what the supervision tells: rows that stay until their cause is gone."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.protocol.clock import Clock
from fleet.protocol.rows import Upsert
from fleet.runtime.events import EventSink
from fleet.storage.records import AlertRecord

QUIET = 600.0
"""Wall seconds: an alert that nothing ends is over when it was not repeated for so long."""

WORKS_AGAIN = frozenset({"recovery.succeeded", "actor.restarted", "child.ended"})

RULES: Mapping[str, frozenset[str]] = {
    "actor.hung": WORKS_AGAIN,
    "recovery.lost": WORKS_AGAIN,
    "child.quarantined": WORKS_AGAIN,
    "database.failed": frozenset({"database.recovered"}),
    "breaker.opened": frozenset({"breaker.closed"}),
    "pressure.changed": frozenset({"pressure.changed"}),
    "memory.grown": frozenset(),
    "files.grown": frozenset(),
    "cpu.exceeded": frozenset(),
    "mailbox.delayed": frozenset(),
    "zombies.exceeded": frozenset(),
    "ledger.reconciled": frozenset(),
    "row.rejected": frozenset(),
    "outbox.failed": frozenset({"outbox.replayed"}),
    "telemetry.dropped": frozenset(),
}
"""The events that are worth an alert, and for each those that end it, about the same subject."""

HEARD = frozenset(RULES).union(*RULES.values())
CALM = "info"
"""Nothing of this level is an alert; memory that is no more short is told of with it."""

LONGEST = 500
"""Characters of a value that is kept as a detail; stacks stand in the log."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that may begin or end an alert."""

    name: str
    level: str
    text: str
    fields: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Tell whom or what it is about; a supervisor's word is about its child."""
        actor, child = self.fields.get("actor"), self.fields.get("child")
        if actor and child:
            return f"{actor}/{child}"
        return str(self.fields.get("dependency") or actor or "runtime")


@dataclass(slots=True)
class Alert:
    """One that is open."""

    id: str
    began: Heard
    raised_at: float
    last: Heard
    last_at: float
    """Wall seconds, monotonic."""

    times: int = 1

    def row(self, resolved_at: float | None) -> Upsert:
        """Give the row that it has in the database."""
        values = {
            "rule": self.began.name,
            "subject": self.began.subject,
            "severity": self.last.level,
            "text": self.last.text,
            "detail": {"times": self.times} | _details(self.last.fields),
            "raised_at": self.raised_at,
            "acknowledged_at": None,
            "resolved_at": resolved_at,
        }
        return Upsert("alerts", (self.id,), values)


class Alerts:
    """An event sink in front of another one, from any thread; rows are sent by one that looks.

    They are not sent at once: an event may be told of under the lock of the very mailbox that
    the row would go to.
    """

    def __init__(
        self, sink: EventSink, clock: Clock, send: Callable[[Upsert], object], *, epoch: int
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._send = send
        self._epoch = epoch
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._open: dict[tuple[str, str], Alert] = {}
        self._number = 0

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Pass an event on and take note of it."""
        self._sink.emit(event, level=level, text=text, **fields)
        if event in HEARD:
            self._heard.put(Heard(event, level, text or event, fields))

    def look(self) -> None:
        """Send the rows of what has begun and ended since."""
        changed: dict[str, Upsert] = {}
        while not self._heard.empty():
            for row in self._take(self._heard.get()):
                changed[row.key[0]] = row
        for row in self._end_quiet():
            changed[row.key[0]] = row
        for row in changed.values():
            self._send(row)

    def _take(self, heard: Heard) -> Iterable[Upsert]:
        subject = heard.subject
        ended = [
            (rule, subject)
            for rule, ends in RULES.items()
            if heard.name in ends and (rule != heard.name or heard.level == CALM)
        ]
        rows = [self._end(key) for key in ended if key in self._open]
        if heard.name in RULES and heard.level != CALM:
            rows.append(self._begin(heard, (heard.name, subject)))
        return rows

    def _begin(self, heard: Heard, key: tuple[str, str]) -> Upsert:
        now = self._clock.monotonic()
        alert = self._open.get(key)
        if alert is None:
            self._number += 1
            name = f"{self._epoch}-{self._number}"
            alert = self._open[key] = Alert(name, heard, self._clock.game(), heard, now)
        else:
            alert.last, alert.last_at, alert.times = heard, now, alert.times + 1
        return alert.row(None)

    def _end(self, key: tuple[str, str]) -> Upsert:
        return self._open.pop(key).row(self._clock.game())

    def _end_quiet(self) -> list[Upsert]:
        until = self._clock.monotonic() - QUIET
        quiet = [
            key
            for key, alert in self._open.items()
            if not RULES[alert.began.name] and alert.last_at <= until
        ]
        return [self._end(key) for key in quiet]


def outlived(records: Iterable[AlertRecord], at: float) -> Iterator[Upsert]:
    """End the alerts of a process that is gone: what they told of went with it. Game time."""
    for record in records:
        values = msgspec.to_builtins(record) | {"resolved_at": at}
        yield Upsert("alerts", (values.pop("id"),), values)


def _details(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Take what is short and plain out of an event's fields."""
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, str | int | float | None) and len(str(value)) <= LONGEST
    }
