"""Empty the hold: sell where it pays best, throw away what nobody buys."""

from __future__ import annotations

from fleet.actors.moves import Script, go, jettison, read_market, sell
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask
from fleet.protocol.fleet import BOOK, FindSale, NoTrade, Sale
from fleet.protocol.wire.market import Market

# A contract's goods may sit in the hold; at most this many markets are tried for the rest.
TRIES = 4


def sell_all(ship: ShipState) -> Script:
    """Sell everything in the hold, market by market; throw away what nobody buys.

    What several markets would not take after all stays in the hold: it is worth something.
    """
    for _ in range(TRIES):
        held = tuple((item.symbol, item.units) for item in ship.cargo.inventory)
        if not held:
            return
        sale: Sale | NoTrade = yield Ask(BOOK, FindSale(ship.craft, held))
        if isinstance(sale, NoTrade):
            for item in ship.cargo.inventory:
                yield from jettison(ship, item.symbol)
            return
        yield from go(ship, sale.at)
        market = yield from read_market(ship)
        yield from _sell_here(ship, market)


def _sell_here(ship: ShipState, market: Market | None) -> Script:
    """Sell what this market buys."""
    if market is None:
        return
    volumes = {good.symbol: good.trade_volume for good in market.trade_goods or ()}
    before = ship.cargo.units
    for item in ship.cargo.inventory:
        if item.symbol in volumes:
            yield from sell(ship, item.symbol, volumes[item.symbol])
    if ship.cargo.units < before:
        # Our own sale moved the prices: the book should know how far.
        yield from read_market(ship)
