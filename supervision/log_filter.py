"""Which lines of the supervision log someone wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from fleet.supervision.log_line import LEVELS, LogLine

INFO = LEVELS.index("info")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Conditions that all must hold; None for any."""

    actor: str | None = None
    """Pattern (`*`, `?`, `[..]`) for an actor's path, its last part, or a process's name."""

    event: str | None = None
    """Pattern for the event's name."""

    level: int = 0
    """Least place among LEVELS."""

    since: float | None = None
    """Civil time in seconds since the Unix epoch."""

    def admits(self, line: LogLine) -> bool:
        """Whether to show a line; a malformed one is shown unless something is sought."""
        if line.malformed:
            return self.actor is None and self.event is None and self.level <= INFO
        return (
            line.level >= self.level
            and (self.event is None or fnmatchcase(line.text_of("event"), self.event))
            and (self.actor is None or self._is_about(line, self.actor))
            and not self.is_before(line)
        )

    def is_before(self, line: LogLine) -> bool:
        """Whether a line is older than asked for."""
        return self.since is not None and line.wall is not None and line.wall < self.since

    def _is_about(self, line: LogLine, pattern: str) -> bool:
        names = line.who, line.who.rsplit("/", 1)[-1], line.text_of("actor")
        return any(fnmatchcase(name, pattern) for name in names)
