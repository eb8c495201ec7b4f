"""Find or negotiate a contract, procure its goods, deliver them, and have it paid."""

from __future__ import annotations

from msgspec.structs import replace

from fleet.actors.behaviours.delivery import accept, deliver, fulfil
from fleet.actors.behaviours.disposal import sell_all
from fleet.actors.moves import Script, buy, call, dock, go, read_market
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Saved, Steps, Tell
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.fleet import (
    BOOK,
    CONDUCTOR,
    TREASURY,
    ContractSeen,
    Denied,
    FindSource,
    NoTrade,
    Reserve,
    Source,
)
from fleet.protocol.tasks import FulfilContract
from fleet.protocol.wire.contract import Contract, Delivery

ACTIVE = 4511
MARGIN = 1.2
# With less game time left than this, a contract is not begun.
TIME_NEEDED = 3_600.0
# What common metal deposits hold, such as the engineered asteroid of each home system's.
COMMON_ORES = frozenset({"IRON_ORE", "COPPER_ORE", "ALUMINUM_ORE"})
# What other deposits hold: whoever brings some accepts the contract then.
DUG = COMMON_ORES | {
    "SILVER_ORE",
    "GOLD_ORE",
    "PLATINUM_ORE",
    "URANITE_ORE",
    "MERITIUM_ORE",
    "PRECIOUS_STONES",
    "QUARTZ_SAND",
    "SILICON_CRYSTALS",
    "ICE_WATER",
    "AMMONIA_ICE",
}
MINERS = "contract can only be mined for"
"""How the outcome begins that asks miners to deliver."""


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
            why = yield from _procure(ship, task, contract, line)
            if why:
                return str(why)
        task = replace(task, stage="delivering")
        yield Saved(task)
        delivered = yield from deliver(ship, contract, line)
        if isinstance(delivered, str):
            return delivered
        contract = delivered
    return str((yield from fulfil(ship, contract)))


def _contract(ship: ShipState, task: FulfilContract) -> Script:
    """Get the contract in question: the one begun, an open one, or a new one."""
    if task.contract:
        return (yield from _read(task.contract))
    reply = yield Call(operation="get-contracts", lane=Lane.TRADE, query=(("limit", "20"),))
    if isinstance(reply, ApiRefusal):
        return f"contracts refused: {reply.message}"
    for contract in reply:
        if _is_open(contract, ship.now()):
            yield Tell(CONDUCTOR, ContractSeen(contract))
            return contract
    return (yield from _negotiate(ship))


def _read(contract_id: str) -> Script:
    """Read a contract; gives it while it is not fulfilled, else what became of it."""
    reply = yield Call(
        operation="get-contract", lane=Lane.TRADE, params={"contractId": contract_id}
    )
    if isinstance(reply, ApiRefusal):
        return f"contract refused: {reply.message}"
    yield Tell(CONDUCTOR, ContractSeen(reply))
    return "fulfilled" if reply.fulfilled else reply


def _is_open(contract: Contract, now: GameTime) -> bool:
    """Whether it can still be worked on, or be accepted."""
    until = contract.terms.deadline
    if not contract.accepted:
        until = contract.deadline_to_accept or until
    return not contract.fulfilled and from_iso(until) > now


def _negotiate(ship: ShipState) -> Script:
    yield from dock(ship)
    reply = yield from call(ship, "negotiate-contract", Lane.TRADE)
    if isinstance(reply, ApiRefusal):
        if reply.code == ACTIVE and "contractId" in reply.data:
            # It stands on a later page of the list, behind those that are fulfilled.
            return (yield from _read(str(reply.data["contractId"])))
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
        if line.trade_symbol in COMMON_ORES:
            # Each home system has them: the advance is safe to take.
            yield from accept(contract)
        if line.trade_symbol in DUG:
            return f"{MINERS}: {line.missing} {line.trade_symbol}, which no market sells"
        return f"contract waits: {source.reason}"
    pay = contract.terms.payment
    income = pay.on_fulfilled + (0 if contract.accepted else pay.on_accepted)
    if income <= source.cost:
        return f"contract waits: {line.trade_symbol} costs {source.cost}, it pays {income}"
    amount = int(source.cost * MARGIN)
    granted = yield Ask(TREASURY, Reserve(owner=ship.symbol, amount=amount))
    if isinstance(granted, Denied):
        return f"contract waits: {amount} credits needed, {granted.free} free"
    refused = yield from accept(contract)
    if refused:
        return refused
    return FulfilContract(
        contract=contract.id,
        good=line.trade_symbol,
        destination=line.destination_symbol,
        units=line.units_required,
        buy_at=source.at,
        stage="going",
    )


def _procure(ship: ShipState, task: FulfilContract, contract: Contract, line: Delivery) -> Script:
    """Fill the hold with what is missing; gives why not, or nothing."""
    yield from go(ship, task.buy_at)
    market = yield from read_market(ship)
    offers = {good.symbol: good for good in (market.trade_goods if market else None) or ()}
    offer = offers.get(line.trade_symbol)
    if offer is None:
        return f"contract waits: {task.buy_at} has no {line.trade_symbol}"
    pays = contract.terms.payment.on_fulfilled
    if offer.purchase_price * line.missing > pays:
        return f"contract waits: {line.trade_symbol} costs {offer.purchase_price}, it pays {pays}"
    while (missing := line.missing - ship.cargo.of(line.trade_symbol)) > 0 and ship.cargo.free:
        lot = min(missing, offer.trade_volume, ship.cargo.free)
        reply = yield from buy(ship, line.trade_symbol, lot)
        if isinstance(reply, ApiRefusal):
            break
    held = ship.cargo.of(line.trade_symbol)
    return "" if held else "contract waits: nothing could be bought"
