"""Reads the supervision log from its end, and follows it while it grows and is rotated."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from fleet.protocol.clock import Clock
from fleet.supervision.log_filter import LogFilter
from fleet.supervision.log_line import LogLine, parse_line
from fleet.supervision.rotation import generations

GRACE: Final = 3.0
"""Wall seconds for which a file set aside is still read: a writer may hold it a moment longer."""

SLACK: Final = 60.0
"""Seconds by which lines of several processes may be out of order."""

_BLOCK: Final = 64 * 1024


@dataclass(slots=True)
class _Open:
    """One file of the log that is being followed."""

    file: IO[bytes]
    rest: bytes = b""
    """Begun line."""

    aside_since: float | None = None
    """When a newer file was noticed."""

    @property
    def status(self) -> os.stat_result:
        return os.fstat(self.file.fileno())

    def read_lines(self) -> list[bytes]:
        """Read the lines that were completed since the last call."""
        if self.status.st_size < self.file.tell():
            # Truncated from outside: what it has now is new.
            self.file.seek(0)
            self.rest = b""
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        return lines


class LogTail:
    """First `last` for what is there, then `poll` for what comes; one thread."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Name the log; it may not exist yet."""
        self._path = path
        self._clock = clock
        self._files: list[_Open] = []

    def last(self, count: int | None, wanted: LogFilter) -> list[LogLine]:
        """Find the last wanted lines, oldest first; None for all. `poll` goes on after them."""
        found: list[LogLine] = []
        with closing(self._backwards()) as lines:
            for line in lines:
                enough = count is not None and len(found) >= count
                if enough or _is_long_before(line, wanted.since):
                    break
                if wanted.admits(line):
                    found.append(line)
        return found[::-1]

    def poll(self) -> Iterator[LogLine]:
        """Read what came since the last call, across rotations and truncation; never waits."""
        for file in self._newer_files():
            self._files.append(file)
        now = self._clock.monotonic()
        for file in self._files[:-1]:
            file.aside_since = now if file.aside_since is None else file.aside_since
        for file in self._files:
            for raw in file.read_lines():
                yield from parse_line(raw)
        over = [f for f in self._files if f.aside_since is not None and now - f.aside_since > GRACE]
        for file in over:
            yield from parse_line(file.rest)
            file.file.close()
            self._files.remove(file)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.file.close()
        self._files.clear()

    def _backwards(self) -> Generator[LogLine, None, None]:
        """Read everything there is from its end; leaves the current file open for `poll`."""
        self.close()
        files = self._open_all()
        try:
            for file in reversed(files):
                at_end = file is files[-1]
                for raw in _lines_backwards(file, keep_rest=at_end):
                    yield from reversed(list(parse_line(raw)))
        finally:
            for file in files[:-1]:
                file.file.close()
            self._files = files[-1:]

    def _newer_files(self) -> list[_Open]:
        """Open what was made since the newest file that is open, oldest first."""
        if self._files and _names(self._path, self._files[-1]):
            return []
        files = self._open_all()
        known = [file.status for file in self._files]
        fresh: list[_Open] = []
        # From the newest back to the first one known; if that is gone, all were made since.
        for file in reversed(files):
            if any(os.path.samestat(file.status, status) for status in known):
                break
            fresh.insert(0, file)
        for file in files:
            if file not in fresh:
                file.file.close()
        return fresh

    def _open_all(self) -> list[_Open]:
        """Open the files of the log, oldest first, each once."""
        opened: list[_Open] = []
        # The newest first: a rotation meanwhile moves files towards the end of this walk,
        # where one already opened is recognised; the other way round, one could slip by.
        walked: set[Path] = set()
        ahead = [self._path, *reversed(generations(self._path))]
        while ahead:
            for path in ahead:
                _open_another(path, opened)
            walked.update(ahead)
            # The oldest may have got a number meanwhile that was not there at first.
            ahead = [path for path in reversed(generations(self._path)) if path not in walked]
        return opened[::-1]


def _open_another(path: Path, opened: list[_Open]) -> None:
    """Open a file, unless it is gone or is one of those."""
    try:
        file = _Open(path.open("rb", buffering=0))
    except FileNotFoundError:
        return
    if any(os.path.samestat(file.status, other.status) for other in opened):
        file.file.close()
    else:
        opened.append(file)


def _is_long_before(line: LogLine, since: float | None) -> bool:
    return since is not None and line.wall is not None and line.wall < since - SLACK


def _names(path: Path, file: _Open) -> bool:
    try:
        return os.path.samestat(path.stat(), file.status)
    except FileNotFoundError:
        # Between the two renames of a rotation, or removed: there is nothing newer yet.
        return True


def _lines_backwards(file: _Open, *, keep_rest: bool) -> Iterator[bytes]:
    """Read a file's lines from the last to the first, block by block.

    With `keep_rest` a begun last line is left for later and the file is left at its end.
    """
    end = file.status.st_size
    whole = _end_of_last_line(file.file, end) if keep_rest else end
    if keep_rest:
        file.file.seek(whole)
    rest, at = b"", whole
    while at > 0:
        start = max(0, at - _BLOCK)
        block = os.pread(file.file.fileno(), at - start, start)
        rest, *lines = (block + rest).split(b"\n")
        yield from reversed(lines)
        at = start
    yield rest


def _end_of_last_line(file: IO[bytes], end: int) -> int:
    """Find where the last complete line ends."""
    at = end
    while at > 0:
        start = max(0, at - _BLOCK)
        newline = os.pread(file.fileno(), at - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        at = start
    return 0
