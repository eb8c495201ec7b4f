"""Find or negotiate a contract, procure its goods, deliver them, and have it paid."""

from __future__ import annotations

from msgspec.structs import replace

from fleet.actors.behaviours.disposal import sell_all
from fleet.actors.moves import Script, buy, call, dock, go, read_market
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Saved, Steps, Tell
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.clock import from_iso
from fleet.protocol.fleet import (
    BOOK,
    CONDUCTOR,
    TREASURY,
    ContractSeen,
    CreditsSeen,
    Denied,
    FindSource,
    NoTrade,
    Release,
    Reserve,
    Source,
)
from fleet.protocol.tasks import FulfilContract
from fleet.protocol.wire.contract import Contract, Delivery

MARGIN = 1.2
# With less game time left than this, a contract is not begun.
TIME_NEEDED = 3_600.0


def run(ship: ShipState, task: FulfilContract) -> Steps:
    """Bring one contract to its end, from wherever it stands."""
    contract = yield from _contract(ship, task)
    if isinstance(contract, str):
        return contract
    line = contract.terms.deliver[0]
    if task.stage == "choosing":
        if ship.cargo.units > ship.cargo.of(line.trade_symbol):
            yield from sell_all(ship)
        begun = yield from _begin(ship, contract, line)
        if isinstance(begun, str):
            return begun
        task = begun
        yield Saved(task)
    while (line := contract.terms.deliver[0]).missing > 0:
        if not ship.cargo.of(line.trade_symbol):
            task = replace(task, stage="buying")
            yield Saved(task)
            why = yield from _procure(ship, task, line)
            if why:
                return str(why)
        task = replace(task, stage="delivering")
        yield Saved(task)
        delivered = yield from _deliver(ship, contract, line)
        if isinstance(delivered, str):
            return delivered
        contract = delivered
    return str((yield from _fulfil(ship, contract)))


def _contract(ship: ShipState, task: FulfilContract) -> Script:
    """Get the contract in question: the one begun, an open one, or a new one."""
    if task.contract:
        reply = yield Call(
            operation="get-contract", lane=Lane.TRADE, params={"contractId": task.contract}
        )
        if isinstance(reply, ApiRefusal):
            return f"contract refused: {reply.message}"
        yield Tell(CONDUCTOR, ContractSeen(reply))
        return "fulfilled" if reply.fulfilled else reply
    reply = yield Call(operation="get-contracts", lane=Lane.TRADE, query=(("limit", "20"),))
    if isinstance(reply, ApiRefusal):
        return f"contracts refused: {reply.message}"
    for contract in reply:
        if not contract.fulfilled and from_iso(contract.terms.deadline) > ship.now():
            yield Tell(CONDUCTOR, ContractSeen(contract))
            return contract
    return (yield from _negotiate(ship))


def _negotiate(ship: ShipState) -> Script:
    yield from dock(ship)
    reply = yield from call(ship, "negotiate-contract", Lane.TRADE)
    if isinstance(reply, ApiRefusal):
        return f"no contract: {reply.message}"
    yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return reply.contract


def _begin(ship: ShipState, contract: Contract, line: Delivery) -> Script:
    """Accept it if it pays; gives the task, or why not."""
    if from_iso(contract.terms.deadline) - ship.now() < TIME_NEEDED:
        return "contract: too little time left"
    missing = line.missing - ship.cargo.of(line.trade_symbol)
    source: Source | NoTrade = yield Ask(BOOK, FindSource(ship.craft, line.trade_symbol, missing))
    if isinstance(source, NoTrade):
        return f"contract waits: {source.reason}"
    pay = contract.terms.payment
    income = pay.on_fulfilled + (0 if contract.accepted else pay.on_accepted)
    if income <= source.cost:
        return f"contract waits: {line.trade_symbol} costs {source.cost}, it pays {income}"
    amount = int(source.cost * MARGIN)
    granted = yield Ask(TREASURY, Reserve(owner=ship.symbol, amount=amount))
    if isinstance(granted, Denied):
        return f"contract waits: {amount} credits needed, {granted.free} free"
    if not contract.accepted:
        reply = yield Call(
            operation="accept-contract", lane=Lane.TRADE, params={"contractId": contract.id}
        )
        if isinstance(reply, ApiRefusal):
            return f"contract not accepted: {reply.message}"
        yield Tell(TREASURY, CreditsSeen(reply.agent.credits))
        yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return FulfilContract(
        contract=contract.id,
        good=line.trade_symbol,
        destination=line.destination_symbol,
        units=line.units_required,
        buy_at=source.at,
        stage="going",
    )


def _procure(ship: ShipState, task: FulfilContract, line: Delivery) -> Script:
    """Fill the hold with what is missing; gives why not, or nothing."""
    yield from go(ship, task.buy_at)
    market = yield from read_market(ship)
    offers = {good.symbol: good for good in (market.trade_goods if market else None) or ()}
    offer = offers.get(line.trade_symbol)
    if offer is None:
        return f"contract waits: {task.buy_at} has no {line.trade_symbol}"
    while (missing := line.missing - ship.cargo.of(line.trade_symbol)) > 0 and ship.cargo.free:
        lot = min(missing, offer.trade_volume, ship.cargo.free)
        reply = yield from buy(ship, line.trade_symbol, lot)
        if isinstance(reply, ApiRefusal):
            break
    held = ship.cargo.of(line.trade_symbol)
    return "" if held else "contract waits: nothing could be bought"


def _deliver(ship: ShipState, contract: Contract, line: Delivery) -> Script:
    """Hand over what is held; gives the contract as it is then, or why not."""
    yield from go(ship, line.destination_symbol)
    yield from dock(ship)
    units = min(line.missing, ship.cargo.of(line.trade_symbol))
    reply = yield Call(
        operation="deliver-contract",
        lane=Lane.TRADE,
        params={"contractId": contract.id},
        body={"shipSymbol": ship.symbol, "tradeSymbol": line.trade_symbol, "units": units},
    )
    if isinstance(reply, ApiRefusal):
        return f"contract not delivered: {reply.message}"
    yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return reply.contract


def _fulfil(ship: ShipState, contract: Contract) -> Script:
    reply = yield Call(
        operation="fulfill-contract", lane=Lane.TRADE, params={"contractId": contract.id}
    )
    if isinstance(reply, ApiRefusal):
        return f"contract not fulfilled: {reply.message}"
    yield Tell(TREASURY, CreditsSeen(reply.agent.credits))
    yield Tell(TREASURY, Release(ship.symbol))
    yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return "fulfilled"
