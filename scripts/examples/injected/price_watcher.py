"""Watches what a good costs at a market, and writes down whenever that has changed.

`fleet inject price_watcher.py market=X1-AB12-A1 good=FUEL --quota 6`, then
`fleet tail --event 'price.*'`. A market shows its prices while one of your ships is there.
"""

from __future__ import annotations

from typing import Any

from fleet import BUCKET, Actor, ApiReply, ApiRequest, Context, GameTime, Lane


class PriceWatcher(Actor[Any]):
    """Asks again and again; a restart or an answer that never comes does no harm."""

    def __init__(self, market: str, good: str, every: float = 60.0) -> None:
        self.market = market
        self.good = good
        self.every = every
        self.last: int | None = None

    def on_start(self, ctx: Context[Any]) -> None:
        """Look at once."""
        ctx.tell(ctx.self, "look")

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Ask for the market, or see what it said."""
        if message == "look":
            self.look(ctx)
        elif isinstance(message, ApiReply):
            self.see(ctx, message.data.trade_goods or ())

    def look(self, ctx: Context[Any]) -> None:
        """Ask for the market, and set the timer for the next time, in game seconds."""
        system = self.market.rpartition("-")[0]
        params = {"systemSymbol": system, "waypointSymbol": self.market}
        request = ApiRequest(number=0, operation="get-market", lane=Lane.BACKGROUND, params=params)
        ctx.tell(ctx.address(BUCKET), request)
        ctx.timer("look", "look", at=GameTime(ctx.now() + self.every))

    def see(self, ctx: Context[Any], goods: Any) -> None:
        """Tell of a new price."""
        for offer in goods:
            if offer.symbol == self.good and offer.purchase_price != self.last:
                self.last = offer.purchase_price
                text = f"{self.good} costs {self.last} at {self.market}"
                ctx.log("price.changed", text=text, price=self.last)
