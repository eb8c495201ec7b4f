"""Scripts that every behaviour shares: fly, dock, refuel, read a market, sell, buy."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Step, Tell, Until
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    BOOK,
    TREASURY,
    CreditsSeen,
    MarketSeen,
    NoRoute,
    PlanRoute,
    Route,
    Traded,
    YardSeen,
)
from fleet.protocol.wire import replies

Script = Generator[Step, Any, Any]

NO_CREDITS = 4600
FULL_HOLD = frozenset({4217, 4228})
# Wait this long, in game seconds, when something that time may mend stands in the way.
PAUSE = 60.0
# So often a flight may be refused before the behaviour gives up.
TRIES = 3


class Stuck(Exception):
    """The script can't go on; the behaviour ends with this outcome."""


def call(ship: ShipState, operation: str, lane: Lane, **body: Any) -> Script:
    """Do one operation on the ship itself; gives its reply or an ApiRefusal."""
    return (
        yield Call(
            operation=operation, lane=lane, params={"shipSymbol": ship.symbol}, body=body or None
        )
    )


def arrive(ship: ShipState) -> Script:
    """Wait for the end of the current flight."""
    if ship.in_transit:
        yield Until(ship.arrival, f"flies to {ship.at}")


def cool(ship: ShipState) -> Script:
    """Wait for the end of the cooldown."""
    if ship.cooldown_until > ship.now():
        yield Until(ship.cooldown_until, "cools down")


def dock(ship: ShipState) -> Script:
    """Be docked."""
    yield from arrive(ship)
    if not ship.docked:
        yield from call(ship, "dock-ship", Lane.TRADE)


def orbit(ship: ShipState) -> Script:
    """Be in orbit."""
    yield from arrive(ship)
    if ship.docked:
        yield from call(ship, "orbit-ship", Lane.ACTION)


def refuel(ship: ShipState) -> Script:
    """Fill the tank where the ship is; gives whether it is full now."""
    if ship.fuel.current >= ship.fuel.capacity:
        return True
    yield from dock(ship)
    reply = yield from call(ship, "refuel-ship", Lane.ACTION)
    if isinstance(reply, ApiRefusal):
        return False
    spent = reply.transaction.total_price
    yield Tell(TREASURY, CreditsSeen(reply.agent.credits, ship.symbol, spent))
    return True


def go(ship: ShipState, to: str) -> Script:
    """Be at a waypoint, refuelling on the way. Raises Stuck where no way leads there."""
    yield from arrive(ship)
    refused = 0
    while ship.at != to:
        route: Route | NoRoute = yield Ask(BOOK, PlanRoute(ship.craft, to))
        if isinstance(route, NoRoute):
            raise Stuck(route.reason)
        hop = route.hops[0]
        if hop.refuel and not (yield from refuel(ship)):
            # Perhaps nobody sells fuel here: the book must know that before it plans again.
            yield from read_market(ship)
            yield Until(GameTime(ship.now() + PAUSE), "waits for fuel")
            continue
        reply = yield from _fly(ship, hop.to, hop.mode)
        if isinstance(reply, ApiRefusal):
            refused += 1
            if refused == TRIES:
                raise Stuck(f"no flight to {hop.to}: {reply.message}")
        yield from arrive(ship)


def _fly(ship: ShipState, to: str, mode: str) -> Script:
    """Fly there; gives the reply or a refusal."""
    if ship.flight_mode != mode and ship.fuel.capacity > 0:
        yield from call(ship, "patch-ship-nav", Lane.ACTION, flightMode=mode)
    yield from orbit(ship)
    reply = yield from call(ship, "navigate-ship", Lane.ACTION, waypointSymbol=to)
    if isinstance(reply, ApiRefusal):
        # What we believed about fuel or place was wrong: read the ship and plan again.
        yield from call(ship, "get-my-ship", Lane.SAFETY)
    return reply


def read_market(ship: ShipState, lane: Lane = Lane.MARKET) -> Script:
    """Read the market where the ship is and tell the book; gives the Market or None."""
    system = ship.wire.nav.system_symbol
    reply = yield Call(
        operation="get-market",
        lane=lane,
        params={"systemSymbol": system, "waypointSymbol": ship.at},
    )
    if isinstance(reply, ApiRefusal):
        return None
    yield Tell(BOOK, MarketSeen(reply, ship.now()))
    return reply


def read_yard(ship: ShipState) -> Script:
    """Read the shipyard where the ship is and tell the book."""
    system = ship.wire.nav.system_symbol
    reply = yield Call(
        operation="get-shipyard",
        lane=Lane.BACKGROUND,
        params={"systemSymbol": system, "waypointSymbol": ship.at},
    )
    if not isinstance(reply, ApiRefusal):
        yield Tell(BOOK, YardSeen(reply, ship.now()))


def sell(ship: ShipState, good: str, volume: int) -> Script:
    """Sell all units of a good in lots of the market's volume; gives a refusal or None."""
    while held := ship.cargo.of(good):
        yield from dock(ship)
        units = min(held, volume)
        reply = yield from call(ship, "sell-cargo", Lane.TRADE, symbol=good, units=units)
        if isinstance(reply, ApiRefusal):
            return reply
        yield from _traded(ship, reply, sold=True)
    return None


def buy(ship: ShipState, good: str, units: int) -> Script:
    """Buy once, at most the market's volume; gives the reply or a refusal."""
    yield from dock(ship)
    reply = yield from call(ship, "purchase-cargo", Lane.TRADE, symbol=good, units=units)
    if not isinstance(reply, ApiRefusal):
        yield from _traded(ship, reply, sold=False)
    return reply


def _traded(ship: ShipState, reply: replies.Traded, *, sold: bool) -> Script:
    done = reply.transaction
    spent = 0 if sold else done.total_price
    yield Tell(TREASURY, CreditsSeen(reply.agent.credits, ship.symbol, spent))
    units = -done.units if sold else done.units
    yield Tell(BOOK, Traded(ship.symbol, ship.at, done.trade_symbol, units, done.price_per_unit))


def jettison(ship: ShipState, good: str) -> Script:
    """Throw away all units of a good."""
    yield from orbit(ship)
    units = ship.cargo.of(good)
    if units:
        yield from call(ship, "jettison", Lane.BACKGROUND, symbol=good, units=units)
