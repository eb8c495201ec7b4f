"""What a start leaves in the data folder; one that is refused takes it back."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from fleet.roster import KEPT

OURS: Final = (
    "supervision.jsonl",
    "runtime.log",
    "simulator.log",
    "dumps",
    "universe",
    "fleet.sqlite",
    "fleet.sqlite-wal",
    "fleet.sqlite-shm",
    "control.sock",
)
"""Everything that a start may make before it plays."""


class Footprint:
    """Remembers what was there before a start; used in the parent's only thread."""

    def __init__(self, folder: Path) -> None:
        """Look at the folder, which need not exist."""
        self._folder = folder
        self._missing = [path for path in (folder, *folder.parents) if not path.exists()]
        self._before = {name for name in (*OURS, KEPT) if (folder / name).exists()}

    def erase(self) -> None:
        """Remove the files that were made since; call it while the folder is locked.

        Does nothing once an agent was registered: its token, its world and the log of how it
        came about belong together.
        """
        if KEPT not in self._before and (self._folder / KEPT).exists():
            return
        for name in OURS:
            if name not in self._before:
                _remove(self._folder / name)

    def fold(self) -> None:
        """Remove the folders that were made since, if they are empty."""
        with suppress(OSError):
            for path in self._missing:
                path.rmdir()


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
