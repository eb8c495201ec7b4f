"""What a guarded process tells its guard, read from the bytes of its pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LINE_MOST = 65536
"""Bytes without an end of line that are kept; more is no message of ours."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The process is alive."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started."""

    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BootFailed:
    """The process can't start."""

    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The process gets on with its work."""


@dataclass(frozen=True, slots=True)
class Renew:
    """The process ends in order to be started anew."""

    reason: str


Report = Beat | Progress | Ready | BootFailed | Renew


class ReportReader:
    """Cuts the bytes into reports: an empty line is a beat, `+` is progress, others are JSON."""

    def __init__(self) -> None:
        """Start at the beginning of a line."""
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Report]:
        """Read on; what isn't understood counts as a beat, since whoever sends it is alive."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest if len(rest) <= LINE_MOST else b""
        for line in lines:
            yield _report(line) if line else Beat()


def _report(line: bytes) -> Report:
    if line == b"+":
        return Progress()
    try:
        match json.loads(line):
            case {"ready": dict(info)}:
                return Ready(info)
            case {"boot_failed": str(reason)}:
                return BootFailed(reason)
            case {"renew": str(reason)}:
                return Renew(reason)
    except (ValueError, RecursionError):
        pass
    return Beat()
