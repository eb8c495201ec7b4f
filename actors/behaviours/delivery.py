"""Accept a contract, hand goods over to it, and have it paid when nothing is missing."""

from __future__ import annotations

from fleet.actors.moves import Script, dock, go
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Call, Tell
from fleet.protocol.api import ApiRefusal, Lane
from fleet.protocol.fleet import CONDUCTOR, TREASURY, ContractSeen, CreditsSeen, Release
from fleet.protocol.wire.contract import Contract, Delivery


def accept(contract: Contract) -> Script:
    """Accept it if it isn't yet; gives why not, or nothing."""
    if contract.accepted:
        return ""
    reply = yield Call(
        operation="accept-contract", lane=Lane.TRADE, params={"contractId": contract.id}
    )
    if isinstance(reply, ApiRefusal):
        return f"contract not accepted: {reply.message}"
    yield Tell(TREASURY, CreditsSeen(reply.agent.credits))
    yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return ""


def hand_over(ship: ShipState, contract_id: str) -> Script:
    """Deliver what is in the hold to a contract that waits for it; accept it before, if need be."""
    reply = yield Call(
        operation="get-contract", lane=Lane.TRADE, params={"contractId": contract_id}
    )
    if isinstance(reply, ApiRefusal) or reply.fulfilled:
        return
    line = reply.terms.deliver[0]
    if not ship.cargo.of(line.trade_symbol) and not reply.accepted:
        return
    refused = yield from accept(reply)
    if refused:
        return
    if line.missing and ship.cargo.of(line.trade_symbol):
        reply = yield from deliver(ship, reply, line)
    if not isinstance(reply, str) and not reply.terms.deliver[0].missing:
        yield from fulfil(ship, reply)


def deliver(ship: ShipState, contract: Contract, line: Delivery) -> Script:
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


def fulfil(ship: ShipState, contract: Contract) -> Script:
    """Have a contract paid of which nothing is missing; gives `fulfilled`, or why not."""
    reply = yield Call(
        operation="fulfill-contract", lane=Lane.TRADE, params={"contractId": contract.id}
    )
    if isinstance(reply, ApiRefusal):
        return f"contract not fulfilled: {reply.message}"
    yield Tell(TREASURY, CreditsSeen(reply.agent.credits))
    yield Tell(TREASURY, Release(ship.symbol))
    yield Tell(CONDUCTOR, ContractSeen(reply.contract))
    return "fulfilled"
