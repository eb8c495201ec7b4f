"""Reads the home system once: its waypoints, page by page, then what each market lists."""

from __future__ import annotations

from typing import Any

from fleet.actors.market_rows import system_of
from fleet.protocol.api import ApiReply, ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BOOK, BUCKET, BookView, Charted, MarketSeen
from fleet.runtime import Context

PAGE = 20
# After a page that could not be had, in game seconds.
LATER = 20.0


class Charting:
    """A small part of the conductor; used in its thread only.

    A market tells what it trades to anybody, its prices only to who is there. The lists are
    enough to know where a contract's goods can be had, and who sells fuel.
    """

    def __init__(self, headquarters: str) -> None:
        self._system = system_of(headquarters)
        self._page = 0
        """The page in hand; 0 when nothing is."""

        self._market = ""
        """The market in hand."""

        self._asked: set[str] = set()
        self._listed = -1
        """Of how many places every market has been asked for."""

        self._number = 0
        self._not_before = GameTime(0.0)
        self._whole = False
        """Whether the last page was read."""

    def goes_on(self, ctx: Context[Any], known: int) -> bool:
        """Ask for the next page of a map that may not be whole yet; say whether one is awaited.

        Whoever read the first pages may be gone: every page but the last one is full.
        """
        if not self._page and not self._whole and ctx.now() >= self._not_before:
            if known and known % PAGE:
                self._whole = True
            else:
                self._ask_page(ctx, known // PAGE + 1)
        return self.charts

    @property
    def charts(self) -> bool:
        """Whether a page is awaited."""
        return bool(self._page)

    def look_around(self, ctx: Context[Any], view: BookView) -> None:
        """Ask for the next market that nobody has read, one at a time."""
        places = len(view.waypoints)
        if self._page or self._market or places == self._listed:
            return
        for place in view.waypoints:
            symbol = place.symbol
            known = symbol in view.listed or symbol in self._asked
            if place.has("MARKETPLACE") and not known:
                self._asked.add(symbol)
                self._market = symbol
                params = {"systemSymbol": self._system, "waypointSymbol": symbol}
                self._ask(ctx, "get-market", Lane.BACKGROUND, params=params)
                return
        self._listed = places

    def _ask_page(self, ctx: Context[Any], page: int) -> None:
        self._page = page
        query = (("page", str(page)), ("limit", str(PAGE)))
        params = {"systemSymbol": self._system}
        self._ask(ctx, "get-system-waypoints", Lane.ACTION, params=params, query=query)

    def _ask(self, ctx: Context[Any], operation: str, lane: Lane, **more: Any) -> None:
        # Below zero, so that no number of the purchases is one of these.
        self._number = min(self._number, -ctx.incarnation * 1_000_000) - 1
        request = ApiRequest(
            number=self._number, operation=operation, lane=lane, behaviour="conductor", **more
        )
        ctx.tell(ctx.address(BUCKET), request)

    def takes(self, ctx: Context[Any], outcome: Any) -> bool:
        """Take the end of a request of ours; say whether it was one."""
        if outcome.number != self._number:
            return bool(outcome.number < 0)
        if self._page:
            self._paged(ctx, outcome)
        elif self._market:
            self._market = ""
            if isinstance(outcome, ApiReply):
                # Without a ship there are no prices: seen long ago, whoever wants them goes there.
                at = ctx.now() if outcome.data.trade_goods else GameTime(0.0)
                ctx.tell(ctx.address(BOOK), MarketSeen(outcome.data, at))
        return True

    def _paged(self, ctx: Context[Any], outcome: Any) -> None:
        if not isinstance(outcome, ApiReply):
            # A later look goes on where this one was to; at once it would take all permits.
            self._page, self._not_before = 0, GameTime(ctx.now() + LATER)
            return
        ctx.tell(ctx.address(BOOK), Charted(outcome.data))
        if len(outcome.data) == PAGE:
            self._ask_page(ctx, self._page + 1)
        else:
            self._page = 0
            self._whole = True
