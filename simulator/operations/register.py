"""Registration: how an agent comes into the world."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import RegisterBody
from fleet.simulator.context import Context
from fleet.simulator.operations.contracts import offer
from fleet.simulator.refusals import Refusal
from fleet.simulator.scenarios import outfit
from fleet.simulator.universe.naming import record_id
from fleet.simulator.views.agents import agent_view, contract_view, faction_view
from fleet.simulator.views.ships import ship_view
from fleet.simulator.world.agent import Account, Agent
from fleet.simulator.world.place import System


def register(ctx: Context) -> dict[str, Any]:
    """Found an agent: credits, a frigate, a probe and a first contract (official)."""
    body = ctx.read(RegisterBody)
    if body.faction not in ctx.catalogue.factions:
        raise ctx.invalid("faction", "a faction", f"'{body.faction}'")
    symbol = body.symbol.upper()
    if symbol in ctx.world.rules.reserved_symbols:
        text = f"Cannot register agent. Call sign has been reserved between resets: {symbol}."
        raise Refusal(4110, text, {"agentSymbol": symbol})
    if symbol in ctx.world.agents:
        text = f"Cannot register agent. Agent symbol {symbol} has already been claimed."
        raise Refusal(4111, text, {"agentSymbol": symbol})
    if not ctx.catalogue.factions[body.faction].isRecruiting:
        text = f"Cannot register agent. Faction {body.faction} is not recruiting."
        raise Refusal(4112, text, {"factionSymbol": body.faction})
    home = home_system(ctx, body.faction)
    agent = found(ctx, symbol, body.faction, home)
    contract = offer(ctx.world, ctx.catalogue, agent, agent.faction, home.symbol, ctx.now, ore=True)
    ships = [ship_view(ctx, ctx.world.ships[name]) for name in agent.ships]
    return {
        "token": ctx.tokens.issue_agent(symbol, ctx.world.reset_date, ctx.now),
        "agent": agent_view(agent),
        "contract": contract_view(ctx, contract),
        "faction": faction_view(ctx, ctx.catalogue.factions[agent.faction]),
        # The official document names `ship`, the server's own `ships`: clients want either.
        "ship": ships[0],
        "ships": ships,
    }


def home_system(ctx: Context, faction: str) -> System:
    """Choose where an agent starts: a system of its faction, else any start.

    Raises Refusal 4112 if there is none at all.
    """
    home = ctx.galaxy.home(faction)
    if home is None:
        raise Refusal(4112, f"Faction {faction} has no starting locations.")
    return home


def found(ctx: Context, symbol: str, faction: str, home: System) -> Agent:
    """Make the agent with its first ships and what the scenario adds."""
    world = ctx.world
    account = ctx.account or record_id(world.random())
    holder = world.accounts.get(account)
    if holder is None:
        holder = world.accounts[account] = Account(account, ctx.now)
    holder.agents.append(symbol)
    headquarters = home.headquarters or ""
    agent = Agent(
        symbol=symbol,
        account=account,
        faction=faction,
        headquarters=headquarters,
        credits=world.rules.starting_credits,
        starting_credits=world.rules.starting_credits,
        created=ctx.now,
        reputation={faction: 0},
    )
    world.agents[symbol] = agent
    outfit(world, ctx.catalogue, agent, home, ctx.now)
    return agent
