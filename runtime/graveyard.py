"""Addresses that have closed: the last ones are remembered, all others only by their numbers."""

from __future__ import annotations

from collections import deque
from typing import Final

from fleet.runtime.cell import Cell

KEPT: Final = 1_000
"""Closed addresses that are remembered: an actor that has a child for each piece of work would
make every look at all actors longer for ever."""


class Graveyard:
    """Forgets what closed long ago. For one thread at a time: whoever spawns waits meanwhile."""

    def __init__(self, cells: dict[str, Cell], kept: int = KEPT) -> None:
        """Take the cells by path, from which those forgotten are removed."""
        self._cells = cells
        self._kept = kept
        self._closed: deque[Cell] = deque()
        self.number = 0
        """No incarnation that was forgotten bears a higher one."""

    def add(self, cell: Cell) -> None:
        """Take note of a cell that has closed, and forget the one that closed longest ago."""
        if cell.remembered:
            return
        self._closed.append(cell)
        if len(self._closed) > self._kept:
            old = self._closed.popleft()
            self.number = max(self.number, old.number)
            # Another one may have come to the path since.
            if self._cells.get(old.address.path) is old:
                del self._cells[old.address.path]
