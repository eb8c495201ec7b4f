"""What a ship may hold of others, credits granted and goods claimed, and how it lets go of them."""

from __future__ import annotations

from typing import Any

from fleet.protocol.fleet import BOOK, TREASURY, FindTrade, Release, ReleaseTrade, Reserve
from fleet.runtime import Context

# Whoever serves the ship may die with a question of its in hand, and his next life grant that after
# the first release: a second one, with the next task, finds it.
RELEASES = 2


class Holdings:
    """Spares those who serve ships a message for each task of each ship that never trades.

    Lives as long as one incarnation; used in the ship's thread.
    """

    def __init__(self) -> None:
        # An earlier incarnation may have died with grants and claims.
        self._due = RELEASES

    def asks(self, message: Any) -> None:
        """Take note of a question that may be answered by a grant or a claim."""
        if isinstance(message, Reserve | FindTrade):
            self._due = RELEASES

    def let_go(self, ctx: Context[Any], ship: str) -> None:
        """End all grants and claims that there may be."""
        if self._due:
            self._due -= 1
            ctx.tell(ctx.address(TREASURY), Release(ship))
            ctx.tell(ctx.address(BOOK), ReleaseTrade(ship))
