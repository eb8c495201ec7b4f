"""Contracts: negotiate, accept, deliver, fulfil."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import DeliveryBody
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import instant
from fleet.simulator.context import Context, Paged
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.rules import orders
from fleet.simulator.universe.naming import record_id
from fleet.simulator.views.agents import agent_view, contract_view
from fleet.simulator.views.ships import cargo_view
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.contract import Contract, Delivery
from fleet.simulator.world.world import World


def get_contracts(ctx: Context) -> Paged:
    """List the caller's contracts."""
    contracts = ctx.world.contracts
    return ctx.page(ctx.agent.contracts, lambda key: contract_view(ctx, contracts[key]))


def get_contract(ctx: Context) -> dict[str, Any]:
    """Show one contract."""
    return contract_view(ctx, own_contract(ctx, 4506))


def own_contract(ctx: Context, code: int) -> Contract:
    """Find the contract of the path. Raises Refusal 404, or the code if it is another's."""
    key = ctx.params["contractId"]
    contract = ctx.world.contracts.get(key)
    if contract is None:
        raise not_found(f"Contract {key}")
    if contract.agent != ctx.agent.symbol:
        raise Refusal(code, f"Contract {key} belongs to another agent.", {"contractId": key})
    return contract


def accept_contract(ctx: Context) -> dict[str, Any]:
    """Accept a contract and take the advance."""
    contract = own_contract(ctx, 4500)
    unfulfilled(contract)
    if contract.accepted:
        text = f"Contract {contract.id} has already been accepted."
        raise Refusal(4501, text, {"contractId": contract.id})
    in_time(ctx, contract, contract.accept_by)
    contract.accepted = True
    ctx.agent.post("CONTRACT", contract.on_accepted)
    return {"agent": agent_view(ctx.agent), "contract": contract_view(ctx, contract)}


def deliver_contract(ctx: Context) -> dict[str, Any]:
    """Deliver goods for a contract from a ship docked at the destination."""
    body = ctx.read(DeliveryBody)
    contract = own_contract(ctx, 4506)
    ship = ctx.own_ship(body.ship_symbol)
    being_worked(ctx, contract)
    checks.arrived(ctx, ship)
    row = delivery(contract, body.trade_symbol)
    if ship.nav.waypoint != row.destination:
        raise Refusal(
            4510,
            f"Ship is not at the delivery destination. Expected {row.destination}, but the ship "
            f"is at {ship.nav.waypoint}.",
            {"destinationSymbol": row.destination, "waypointSymbol": ship.nav.waypoint},
        )
    checks.docked(ship)
    checks.holds(ship, row.good, body.units)
    if body.units > row.required - row.delivered:
        raise delivered(row)
    ship.take(row.good, body.units)
    row.delivered += body.units
    return {"contract": contract_view(ctx, contract), "cargo": cargo_view(ctx, ship)}


def delivery(contract: Contract, good: str) -> Delivery:
    """Find the line of a contract that asks for a good. Raises Refusal 4508 or 4509."""
    row = next((row for row in contract.deliveries if row.good == good), None)
    if row is None:
        text = f"Contract {contract.id} does not ask for {good}."
        raise Refusal(4508, text, {"contractId": contract.id, "tradeSymbol": good})
    if row.delivered >= row.required:
        raise delivered(row)
    return row


def delivered(row: Delivery) -> Refusal:
    """Say that no more of a good is wanted."""
    return Refusal(
        4509,
        f"Contract delivery terms for {row.good} have been met.",
        {"tradeSymbol": row.good, "unitsRequired": row.required, "unitsFulfilled": row.delivered},
    )


def fulfill_contract(ctx: Context) -> dict[str, Any]:
    """End a contract whose goods are all there, and take the payment."""
    contract = own_contract(ctx, 4506)
    being_worked(ctx, contract)
    if any(row.delivered < row.required for row in contract.deliveries):
        text = f"Contract {contract.id} has deliveries that are still due."
        raise Refusal(4502, text, {"contractId": contract.id})
    contract.fulfilled = True
    ctx.agent.post("CONTRACT", contract.on_fulfilled)
    known = ctx.agent.reputation
    known[contract.faction] = known.get(contract.faction, 0) + 1
    return {"agent": agent_view(ctx.agent), "contract": contract_view(ctx, contract)}


def being_worked(ctx: Context, contract: Contract) -> None:
    """See that a contract is accepted, unfulfilled and in time. Raises Refusal."""
    unfulfilled(contract)
    if not contract.accepted:
        text = f"Contract {contract.id} has not been accepted."
        raise Refusal(4505, text, {"contractId": contract.id})
    in_time(ctx, contract, contract.deadline)


def unfulfilled(contract: Contract) -> None:
    """See that a contract is not over. Raises Refusal 4504."""
    if contract.fulfilled:
        text = f"Contract {contract.id} has already been fulfilled."
        raise Refusal(4504, text, {"contractId": contract.id})


def in_time(ctx: Context, contract: Contract, until: float) -> None:
    """See that a deadline has not passed. Raises Refusal 4503."""
    if ctx.now >= until:
        text = f"Contract {contract.id} has passed its deadline."
        raise Refusal(4503, text, {"contractId": contract.id, "deadline": ctx.render.stamp(until)})


def negotiate_contract(ctx: Context) -> dict[str, Any]:
    """Ask the faction where a ship is docked for a contract; one at a time (seen by several)."""
    ship = ctx.ship()
    checks.at_dock(ctx, ship)
    agent, contracts = ctx.agent, ctx.world.contracts
    active = next((key for key in agent.contracts if contracts[key].open(ctx.now)), None)
    if active is not None:
        raise Refusal(
            4511,
            f"Agent {agent.symbol} already has an active contract.",
            {"agentSymbol": agent.symbol, "contractId": active},
        )
    point = checks.place(ctx, ship)
    if point.faction is None:
        text = f"There is no faction at {point.symbol} to negotiate with."
        raise Refusal(4700, text, {"waypointSymbol": point.symbol})
    contract = offer(ctx.world, ctx.catalogue, agent, point.faction, point.system, ctx.now)
    return {"contract": contract_view(ctx, contract)}


def offer(
    world: World,
    catalogue: Catalogue,
    agent: Agent,
    faction: str,
    system: str,
    now: float,
    *,
    ore: bool = False,
) -> Contract:
    """Draw a contract: a good that a market of the system imports; the first asks for ore.

    Raises Refusal 4700 if no market there imports anything.
    """
    wanted = [
        (good, market.waypoint)
        for waypoint in world.systems[system].waypoints
        if (market := world.markets.get(waypoint))
        for good in market.goods.values()
        if good.role == "IMPORT"
    ]
    if not wanted:
        raise Refusal(4700, f"Nobody in {system} wants anything.", {"systemSymbol": system})
    rng = world.random()
    wanted = [row for row in wanted if not row[0].still] or wanted
    ores = [row for row in wanted if row[0].symbol.endswith("_ORE")]
    good, destination = rng.choice(ores if ore and ores else wanted)
    terms = orders.draw_terms(catalogue.goods[good.symbol], good.volume, world.rules, rng)
    contract = Contract(
        id=record_id(rng),
        agent=agent.symbol,
        faction=faction,
        deliveries=[Delivery(good.symbol, destination, terms.units)],
        on_accepted=terms.on_accepted,
        on_fulfilled=terms.on_fulfilled,
        accept_by=instant(now + world.rules.contract_accept_hours * 3600),
        deadline=instant(now + world.rules.contract_days * 86_400),
    )
    world.contracts[contract.id] = contract
    agent.contracts.append(contract.id)
    return contract
