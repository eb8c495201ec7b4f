"""Agents, factions, contracts and surveys as the API shows them."""

from __future__ import annotations

from typing import Any

from fleet.simulator.catalogue import Faction
from fleet.simulator.context import Context
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.contract import Contract
from fleet.simulator.world.survey import Survey


def public_agent_view(agent: Agent) -> dict[str, Any]:
    """Show an agent to everybody."""
    return {
        "symbol": agent.symbol,
        "headquarters": agent.headquarters,
        "credits": agent.credits,
        "startingFaction": agent.faction,
        "shipCount": len(agent.ships),
    }


def agent_view(agent: Agent) -> dict[str, Any]:
    """Show an agent to itself: with its account."""
    return {"accountId": agent.account, **public_agent_view(agent)}


def faction_view(ctx: Context, faction: Faction) -> dict[str, Any]:
    """Show a faction; its headquarters is a system, and some have none (official)."""
    view: dict[str, Any] = {
        "symbol": faction.symbol,
        "name": faction.name,
        "description": faction.description,
        "traits": [faction_trait_view(trait) for trait in faction.traits],
        "isRecruiting": faction.isRecruiting,
    }
    home = ctx.galaxy.home(faction.symbol)
    if home is not None and faction.symbol in home.factions:
        view["headquarters"] = home.symbol
    return view


def faction_trait_view(symbol: str) -> dict[str, Any]:
    """Show a trait of a faction."""
    name = symbol.replace("_", " ").capitalize()
    return {"symbol": symbol, "name": name, "description": f"Known as {name.lower()}."}


def contract_view(ctx: Context, contract: Contract) -> dict[str, Any]:
    """Show a contract; `expiration` is the deprecated copy of `deadlineToAccept`."""
    stamp = ctx.render.stamp
    return {
        "id": contract.id,
        "factionSymbol": contract.faction,
        "type": "PROCUREMENT",
        "terms": {
            "deadline": stamp(contract.deadline),
            "payment": {"onAccepted": contract.on_accepted, "onFulfilled": contract.on_fulfilled},
            "deliver": [
                {
                    "tradeSymbol": row.good,
                    "destinationSymbol": row.destination,
                    "unitsRequired": row.required,
                    "unitsFulfilled": row.delivered,
                }
                for row in contract.deliveries
            ],
        },
        "accepted": contract.accepted,
        "fulfilled": contract.fulfilled,
        "expiration": stamp(contract.accept_by),
        "deadlineToAccept": stamp(contract.accept_by),
    }


def contract_failed_view(ctx: Context, contract: Contract) -> dict[str, Any]:
    """Show that a contract was not fulfilled in time; the names are guessed."""
    return {
        "id": f"failed-{contract.id}",
        "type": "CONTRACT_FAILED",
        "message": f"Contract {contract.id} was not fulfilled in time.",
        "data": {"contractId": contract.id},
        "createdAt": ctx.render.stamp(contract.deadline),
    }


def survey_view(ctx: Context, survey: Survey) -> dict[str, Any]:
    """Show a survey; what it still bears stays hidden."""
    return {
        "signature": survey.signature,
        "symbol": survey.waypoint,
        "deposits": [{"symbol": good} for good in survey.deposits],
        "expiration": ctx.render.stamp(survey.expires),
        "size": survey.size,
    }
