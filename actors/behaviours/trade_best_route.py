"""One trip: buy where it is cheap, sell where it is dear, as the market book advises."""

from __future__ import annotations

from msgspec.structs import replace

from fleet.actors.behaviours.disposal import sell_all
from fleet.actors.moves import Script, buy, go, read_market, sell
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Saved, Steps, Tell
from fleet.protocol.api import ApiRefusal
from fleet.protocol.fleet import (
    BOOK,
    TREASURY,
    Denied,
    FindTrade,
    Funds,
    NoTrade,
    Release,
    Reserve,
    TradePlan,
    TreasuryQuery,
)
from fleet.protocol.tasks import TradeBestRoute
from fleet.protocol.wire.market import Market

# Prices move between the plan and the purchase; the grant covers that much more.
MARGIN = 1.15
# Fuel for everybody is paid from what no trade may take, in credits.
FUEL_MONEY = 5_000
# A lot that costs this much more than planned is not bought: the trip may not pay any more.
DEARER = 1.25


def run(ship: ShipState, task: TradeBestRoute) -> Steps:
    """Make one trip, from wherever the ship is in it."""
    task = _stage(ship, task)
    if task.stage == "selling" and not ship.cargo.of(task.good):
        return "done"
    if task.stage == "choosing":
        if ship.cargo.units:
            yield from sell_all(ship)
        chosen = yield from _choose(ship, task.least)
    else:
        chosen = yield from _claim_again(ship, task)
    if isinstance(chosen, str):
        return chosen
    if chosen != task:
        task = chosen
        yield Saved(task)
    if task.stage == "going":
        yield from go(ship, task.buy_at)
        task = replace(task, stage="buying")
        yield Saved(task)
    if task.stage == "buying":
        yield from _fill(ship, task)
        if not ship.cargo.of(task.good):
            return "nothing bought"
        task = replace(task, stage="selling")
        yield Saved(task)
    yield Tell(TREASURY, Release(ship.symbol))
    yield from _sell(ship, task)
    return "done"


def _stage(ship: ShipState, task: TradeBestRoute) -> TradeBestRoute:
    """Correct the saved stage by what the ship is: the last save may be lost."""
    there = ship.at == task.sell_at != task.buy_at
    # Who buys has left its way to the market behind: it only comes to the other one to sell. Who
    # was only going there may well have started from it.
    beyond = task.stage == "buying" or (task.stage == "going" and ship.cargo.of(task.good))
    return replace(task, stage="selling") if there and beyond else task


def _choose(ship: ShipState, least: float) -> Script:
    """Find a trip and the credits for it; gives the task, or why there is none."""
    # An earlier incarnation may hold a grant that no task tells of: it is ours to spend.
    yield Tell(TREASURY, Release(ship.symbol))
    plan: TradePlan | NoTrade = yield from find_trade(ship, least)
    if isinstance(plan, NoTrade):
        return f"no trade: {plan.reason}"
    granted = yield Ask(TREASURY, Reserve(owner=ship.symbol, amount=int(plan.cost * MARGIN)))
    if isinstance(granted, Denied):
        return "no trade: no credits free"
    return TradeBestRoute(
        good=plan.good,
        buy_at=plan.buy_at,
        sell_at=plan.sell_at,
        units=plan.units,
        ask=plan.ask,
        stage="going",
    )


def find_trade(ship: ShipState, least: float, *, claim: bool = True) -> Script:
    """Ask for the best trip that the free credits pay for; gives a TradePlan or NoTrade.

    `least` is what it must bring in credits per game second; who only looks claims nothing.
    """
    funds: Funds = yield Ask(TREASURY, TreasuryQuery())
    budget = int((funds.free - FUEL_MONEY) / MARGIN)
    wanted = FindTrade(craft=ship.craft, budget=budget, least=least, claim=claim)
    plan: TradePlan | NoTrade = yield Ask(BOOK, wanted)
    return plan


def _claim_again(ship: ShipState, task: TradeBestRoute) -> Script:
    """Claim goods and credits anew; gives the task, or why it can't go on."""
    claim = (task.good, task.buy_at, task.sell_at, task.units)
    yield Ask(BOOK, FindTrade(craft=ship.craft, budget=0, keep=claim))
    if task.stage == "selling":
        return task
    held = ship.cargo.of(task.good)
    amount = int(max(0, task.units - held) * task.ask * MARGIN)
    granted = yield Ask(TREASURY, Reserve(owner=ship.symbol, amount=amount))
    if not isinstance(granted, Denied):
        return task
    return replace(task, stage="selling") if held else "no trade: no credits free"


def _fill(ship: ShipState, task: TradeBestRoute) -> Script:
    """Buy up to the planned units, lot by lot, while the price is near the plan."""
    yield from go(ship, task.buy_at)
    market: Market | None = yield from read_market(ship)
    offers = {good.symbol: good for good in (market.trade_goods if market else None) or ()}
    offer = offers.get(task.good)
    if offer is None or offer.purchase_price > task.ask * DEARER:
        return
    while (missing := task.units - ship.cargo.of(task.good)) > 0 and ship.cargo.free:
        lot = min(missing, offer.trade_volume, ship.cargo.free)
        reply = yield from buy(ship, task.good, lot)
        if isinstance(reply, ApiRefusal):
            break
        if reply.transaction.price_per_unit > task.ask * DEARER:
            break
    yield from read_market(ship)


def _sell(ship: ShipState, task: TradeBestRoute) -> Script:
    yield from go(ship, task.sell_at)
    market: Market | None = yield from read_market(ship)
    offers = {good.symbol: good for good in (market.trade_goods if market else None) or ()}
    offer = offers.get(task.good)
    if offer is not None:
        yield from sell(ship, task.good, offer.trade_volume)
        yield from read_market(ship)
    if ship.cargo.units:
        yield from sell_all(ship)
