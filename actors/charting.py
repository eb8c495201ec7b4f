"""Reads the waypoints of the home system once, page by page."""

from __future__ import annotations

from typing import Any

from fleet.actors.market_rows import system_of
from fleet.protocol.api import ApiReply, ApiRequest, Lane
from fleet.protocol.fleet import BOOK, BUCKET, Charted
from fleet.runtime import Context

PAGE = 20


class Charting:
    """A small part of the conductor; used in its thread only."""

    def __init__(self, headquarters: str) -> None:
        self._system = system_of(headquarters)
        self._page = 0
        """The page in hand; 0 when nothing is."""

    def begin(self, ctx: Context[Any]) -> None:
        """Ask for the first page, unless one is asked for already."""
        if not self._page:
            self._ask(ctx, 1)

    def _ask(self, ctx: Context[Any], page: int) -> None:
        self._page = page
        request = ApiRequest(
            number=self._number(ctx),
            operation="get-system-waypoints",
            lane=Lane.ACTION,
            params={"systemSymbol": self._system},
            query=(("page", str(page)), ("limit", str(PAGE))),
            behaviour="conductor",
        )
        ctx.tell(ctx.address(BUCKET), request)

    def _number(self, ctx: Context[Any]) -> int:
        return -(ctx.incarnation * 1_000 + self._page)

    def takes(self, ctx: Context[Any], outcome: Any) -> bool:
        """Take the end of a request of ours; say whether it was one."""
        if not self._page or outcome.number != self._number(ctx):
            return False
        if not isinstance(outcome, ApiReply):
            # The next look at an empty map begins anew.
            self._page = 0
            return True
        ctx.tell(ctx.address(BOOK), Charted(outcome.data))
        if len(outcome.data) == PAGE:
            self._ask(ctx, self._page + 1)
        else:
            self._page = 0
        return True
