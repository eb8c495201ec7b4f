"""The finished runs of an experiment, one JSON line each: what was kept is not played again."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from fleet.experiments.outcome import Outcome
from fleet.protocol.errors import UsageError


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what the runs below are runs of."""

    name: str
    definition: str
    """Digest of the experiment's file."""

    seconds: float


class Outcomes:
    """A file that is only appended to, each line in one write, so that kill -9 loses no other."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def open(self, header: Header, *, fresh: bool) -> None:
        """Begin the file, or go on with it.

        Raises UsageError when it holds runs of an experiment that was changed since.
        """
        known = self._lines()
        if known and not fresh:
            found = msgspec.json.decode(known[0], type=Header)
            if found != header:
                raise UsageError(
                    f"{self.file} holds runs of another version of {header.name};"
                    " give --fresh to begin anew, or another --name"
                )
            self._cut(known)
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes(msgspec.json.encode(header) + b"\n")

    def _lines(self) -> list[bytes]:
        """Read the complete lines."""
        if not self.file.exists():
            return []
        return [line for line in self.file.read_bytes().splitlines(keepends=True) if _whole(line)]

    def _cut(self, whole: list[bytes]) -> None:
        """Drop what a kill left of a line, or the next one would be lost with it."""
        size = sum(map(len, whole))
        if size < self.file.stat().st_size:
            os.truncate(self.file, size)

    def header(self) -> Header | None:
        """Read what the runs are runs of."""
        lines = self._lines()
        return msgspec.json.decode(lines[0], type=Header) if lines else None

    def read(self) -> list[Outcome]:
        """List what was kept; of a run that was played twice the last one counts."""
        found = [msgspec.json.decode(line, type=Outcome) for line in self._lines()[1:]]
        return list({(one.arm, one.seed): one for one in found}.values())

    def keep(self, outcome: Outcome) -> None:
        """Write one down."""
        line = msgspec.json.encode(outcome) + b"\n"
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def _whole(line: bytes) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True
