"""Does it pay to have probes go where prices are oldest, and not to leave them at a market?

One behaviour, two ways to try it: `fleet experiment run oldest_price_first.py` compares it offline
with what probes do otherwise, and `fleet inject oldest_price_first.py --ship NAME` has a ship of a
running fleet do it.
"""

from __future__ import annotations

from typing import Any

from fleet import (
    BOOK,
    HOUR,
    Arm,
    Ask,
    BookQuery,
    BookView,
    Experiment,
    GameTime,
    ShipState,
    Steps,
    Until,
    go,
    read_market,
)


def run(ship: ShipState, _task: Any, *, fresh: float = 300.0) -> Steps:
    """Read the market whose prices are oldest; wait a minute while none is older than `fresh`.

    It remembers nothing: wherever it is interrupted, it begins anew from where the ship is.
    """
    view: BookView = yield Ask(BOOK, BookQuery())
    market, seen = min(
        view.markets_seen, key=lambda row: (row[1], row[0]), default=("", ship.now())
    )
    if ship.now() - seen < fresh:
        yield Until(GameTime(ship.now() + 60.0), "prices are fresh")
        return "all fresh"
    yield from go(ship, market)
    yield from read_market(ship)
    return "read"


experiment = Experiment(
    name="oldest_price_first",
    arms=(Arm(name="default"), Arm(name="oldest", behaviours={"scout_markets": run})),
    seconds=3 * HOUR,
)
