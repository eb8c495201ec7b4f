"""The finished runs of an experiment, one JSON line each: what was kept is not played again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from fleet.experiments.outcome import Outcome
from fleet.protocol.errors import SetupError, UsageError

Kept = TypeVar("Kept")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what the runs below are runs of."""

    name: str
    definition: str
    """Digest of the experiment's file."""

    seconds: float
    arms: tuple[str, ...]
    """In the order of the file: the first one is what the others are compared with. Runs end in
    any order."""

    metric: str
    """The figure that decides."""


class Outcomes:
    """A file that is only appended to, each line in one write, so that kill -9 loses no other."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def open(self, header: Header, *, fresh: bool) -> None:
        """Begin the file, or go on with it.

        Raises UsageError when it holds runs of an experiment that was changed since, and
        SetupError when it holds something else.
        """
        known = self._lines()
        if known and not fresh:
            found = self._decoded(known[0], Header)
            if found != header:
                raise UsageError(
                    f"{self.file} holds runs of another version of {header.name};"
                    " give --fresh to begin anew, or another --name"
                )
            self._cut(known)
            return
        with self._writing():
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

    def header(self) -> Header:
        """Read what the runs are runs of. Raises SetupError for a file of something else."""
        lines = self._lines()
        return self._decoded(lines[0] if lines else b"", Header)

    def read(self) -> list[Outcome]:
        """List what was kept; of a run that was played twice the last one counts.

        Raises SetupError for a file of something else.
        """
        found = [self._decoded(line, Outcome) for line in self._lines()[1:]]
        return list({(one.arm, one.seed): one for one in found}.values())

    def _decoded(self, line: bytes, kind: type[Kept]) -> Kept:
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError as error:
            raise SetupError(
                f"{self.file} does not hold the runs of an experiment ({error}); move it away."
            ) from error

    def keep(self, outcome: Outcome) -> None:
        """Write one down. Raises SetupError."""
        line = msgspec.json.encode(outcome) + b"\n"
        with self._writing():
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as failure:
            raise SetupError(f"{self.file} cannot be written: {failure.strerror}.") from failure


def _whole(line: bytes) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True
