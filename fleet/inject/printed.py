"""What scripts print: one file for all of them, which keeps the newest."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 16 << 20
"""Bytes from which on what is old is dropped: a `print` in a loop writes a gigabyte in seconds."""

KEPT: Final = 256 << 10
NOTE: Final = b"\n(What was printed before was dropped: more than 16 MB.)\n"


def shorten(file: Path) -> bool:
    """Drop all but the end of a file that has grown large; say whether it had.

    Others may go on appending to it; what they write at that very moment may be lost.
    """
    with suppress(OSError):
        if file.stat().st_size <= MOST:
            return False
        with file.open("r+b") as old:
            old.seek(-KEPT, os.SEEK_END)
            end = old.read(KEPT)
            old.truncate(0)
        with file.open("ab") as new:
            new.write(NOTE + end)
        return True
    return False
