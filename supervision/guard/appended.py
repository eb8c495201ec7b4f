"""What was appended to a file since a moment: a dump of stacks, the output of one process."""

from __future__ import annotations

import os
from pathlib import Path

KEPT_MOST = 1024 * 1024
"""Bytes; a file that is larger is set aside before something new is appended."""


class Appended:
    """Remembers where a file ended and reads what came after."""

    def __init__(self, path: Path) -> None:
        """Take the present end as the mark."""
        self.path = path
        self._mark = self._size()

    def trim(self) -> None:
        """Set a file aside that has grown large, over the one before it. Raises OSError."""
        if self._size() > KEPT_MOST:
            self.path.replace(self.path.with_name(f"{self.path.name}.old"))
        self._mark = self._size()

    def grown(self) -> int:
        """Tell how many bytes came since the mark."""
        return max(0, self._size() - self._mark)

    def add(self, line: str) -> None:
        """Append a line and mark the end behind it. Raises OSError."""
        with os.fdopen(open_to_append(self.path), "a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._mark = self._size()

    def text(self, most: int) -> str:
        """Read what came since the mark, its last `most` bytes; empty if it can't be read."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(self._mark, self._size() - most))
                return file.read(most).decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0


def open_to_append(path: Path) -> int:
    """Open a file for appending, made for its owner only. Raises OSError."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
