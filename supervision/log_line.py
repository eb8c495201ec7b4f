"""One line of the supervision log as it was read: an event, or something that is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from fleet.protocol.clock import from_iso

LEVELS: Final = ("debug", "info", "warning", "error", "critical")
"""Every level, the least urgent first."""

_START: Final = b'{"t":'


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; what is missing or of another type in it reads as empty."""

    raw: bytes
    """The line without its newline."""

    record: Mapping[str, Any] | None = field(default_factory=dict)
    """What it says; None if it is malformed."""

    @property
    def malformed(self) -> bool:
        """Whether it is no event."""
        return self.record is None

    def text_of(self, key: str) -> str:
        """Read one key that should be a text."""
        value = (self.record or {}).get(key)
        return value if isinstance(value, str) else ""

    @property
    def level(self) -> int:
        """Its place among LEVELS; an unknown one counts as info."""
        name = self.text_of("level")
        return LEVELS.index(name) if name in LEVELS else LEVELS.index("info")

    @property
    def who(self) -> str:
        """Whom it is about: an actor's path, a process's name, else the process that wrote it.

        A supervisor's event about a child is about the child.
        """
        actor, child = self.text_of("actor"), self.text_of("child")
        return "/".join(part for part in (actor, child) if part) or self.text_of("process")

    @property
    def wall(self) -> float | None:
        """When it was written, on this machine's civil clock; None if it doesn't tell."""
        try:
            return from_iso(self.text_of("t"))
        except ValueError:
            return None


def parse_line(raw: bytes) -> Iterator[LogLine]:
    """Read one line; a line that another one was glued to (a torn write) gives both."""
    if not raw:
        return
    record = _record(raw)
    at = raw.rfind(_START)
    if record is None and at > 0 and (inner := _record(raw[at:])) is not None:
        yield LogLine(raw[:at], None)
        yield LogLine(raw[at:], inner)
    else:
        yield LogLine(raw, record)


def _record(raw: bytes) -> dict[str, Any] | None:
    try:
        record = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    return record if isinstance(record, dict) and "event" in record else None
