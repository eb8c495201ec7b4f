"""Rotation of the supervision log: `NAME` becomes `NAME.1`, and so on up to the oldest kept."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a log file is set aside and how many are kept."""

    limit: int = 16 * 1024 * 1024
    """Bytes; a file that has reached it is set aside before the next line."""

    keep: int = 5
    """Files kept beside the current one."""

    def __post_init__(self) -> None:
        """Refuse settings that would lose every line at once. Raises ValueError."""
        if self.limit < 1 or self.keep < 1:
            raise ValueError(f"A rotation needs a limit and a file to keep, not {self}.")


def rotated(path: Path, number: int) -> Path:
    """Name the file that was set aside `number` rotations ago; 0 is the current one."""
    return path.with_name(f"{path.name}.{number}") if number else path


def generations(path: Path) -> list[Path]:
    """List the files of a log that exist, the oldest first, the current one last."""
    aside = [
        (int(suffix), file)
        for file in path.parent.glob(f"{path.name}.*")
        if (suffix := file.name.removeprefix(f"{path.name}.")).isdecimal()
    ]
    found = [file for _, file in sorted(aside, reverse=True)]
    return [*found, path] if path.exists() else found


def rotate(path: Path, fd: int, rotation: Rotation) -> bool:
    """Set the open log file aside; say whether this call did it.

    The file's own lock makes it happen once when two processes overlap (a killed runtime
    and its successor). Raises OSError when the folder can't be changed.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        if not same_file(path, fd):
            return False
        _shift(path, rotation.keep)
        return True
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def same_file(path: Path, fd: int) -> bool:
    """Whether the path still names the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def _shift(path: Path, keep: int) -> None:
    # From the oldest on, so that a kill in between leaves a gap but loses no file.
    for number in range(keep, 0, -1):
        with suppress(FileNotFoundError):
            rotated(path, number - 1).replace(rotated(path, number))
