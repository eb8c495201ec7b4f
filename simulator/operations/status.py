"""What everybody may ask: status, error codes, agents, factions, the supply chain."""

from __future__ import annotations

from typing import Any

from fleet.simulator.codes import NAMES, published_name
from fleet.simulator.context import Bare, Context, Paged
from fleet.simulator.refusals import not_found
from fleet.simulator.rules.resets import coming_reset
from fleet.simulator.tokens import VERSION
from fleet.simulator.views.agents import faction_view, public_agent_view

LEADERS = 15


def get_status(ctx: Context) -> Bare:
    """Tell that the server is up, who leads, and when it will be reset."""
    world, stamp = ctx.world, ctx.render.stamp
    traded = [row.trades[-1].at for row in world.markets.values() if row.trades]
    next_reset = coming_reset(world.created, world.rules.reset_days, ctx.now)
    days = world.rules.reset_days
    return Bare(
        {
            "status": "SpaceTraders is currently online and available to play",
            "version": VERSION,
            "resetDate": world.reset_date,
            "description": "A simulator of the SpaceTraders API, embedded in fleet.",
            "stats": {
                "accounts": len(world.accounts),
                "agents": len(world.agents),
                "ships": len(world.ships),
                "systems": len(ctx.galaxy.symbols),
                "waypoints": ctx.galaxy.count_waypoints(),
            },
            "health": {"lastMarketUpdate": stamp(max(traded, default=world.created))},
            "leaderboards": leaderboards(ctx),
            "serverResets": {
                "next": stamp(next_reset),
                "frequency": "weekly" if days <= 7 else "fortnightly",
            },
            "announcements": [],
            "links": [{"name": "Documentation", "url": "https://docs.spacetraders.io"}],
        }
    )


def leaderboards(ctx: Context) -> dict[str, Any]:
    """Tell who has most credits and most charts."""
    agents = list(ctx.world.agents.values())
    rich = sorted(agents, key=lambda agent: -agent.credits)[:LEADERS]
    charts = sorted((row for row in agents if row.charts), key=lambda agent: -agent.charts)
    return {
        "mostCredits": [{"agentSymbol": row.symbol, "credits": row.credits} for row in rich],
        "mostSubmittedCharts": [
            {"agentSymbol": row.symbol, "chartCount": row.charts} for row in charts[:LEADERS]
        ],
    }


def get_error_codes(_ctx: Context) -> Bare:
    """List every error code."""
    return Bare({"errorCodes": [{"code": code, "name": published_name(code)} for code in NAMES]})


def get_agents(ctx: Context) -> Paged:
    """List all agents."""
    return ctx.page(list(ctx.world.agents.values()), public_agent_view)


def get_agent(ctx: Context) -> dict[str, Any]:
    """Show one agent. Raises Refusal 404."""
    symbol = ctx.params["agentSymbol"].upper()
    agent = ctx.world.agents.get(symbol)
    if agent is None:
        raise not_found(f"Agent {symbol}")
    return public_agent_view(agent)


def get_factions(ctx: Context) -> Paged:
    """List all factions."""
    return ctx.page(list(ctx.catalogue.factions.values()), lambda row: faction_view(ctx, row))


def get_faction(ctx: Context) -> dict[str, Any]:
    """Show one faction. Raises Refusal 404."""
    symbol = ctx.params["factionSymbol"].upper()
    faction = ctx.catalogue.factions.get(symbol)
    if faction is None:
        raise not_found(f"Faction {symbol}")
    return faction_view(ctx, faction)


def get_supply_chain(ctx: Context) -> dict[str, Any]:
    """List which exports are made of which imports."""
    return {"exportToImportMap": ctx.catalogue.supply_chain}
