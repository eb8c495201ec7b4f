"""What an agent may ask about itself and its ships."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.simulator.context import Context, Paged
from fleet.simulator.views.agents import agent_view, contract_failed_view
from fleet.simulator.views.ships import cargo_view, cooldown_view, nav_view, ship_view

EVENT_SECONDS = 60.0


def get_my_account(ctx: Context) -> dict[str, Any]:
    """Show the caller's account."""
    account = ctx.world.accounts[ctx.agent.account]
    created = ctx.render.stamp(account.created)
    return {"account": {"id": account.id, "email": None, "createdAt": created}}


def get_my_agent(ctx: Context) -> dict[str, Any]:
    """Show the caller's agent."""
    return agent_view(ctx.agent)


def get_my_agent_events(ctx: Context) -> list[dict[str, Any]]:
    """List what has happened to the agent in the last minute: contracts that it has failed.

    That there are such events, and that they stay for about a minute, is official.
    """
    contracts = (ctx.world.contracts[key] for key in ctx.agent.contracts)
    return [
        contract_failed_view(ctx, contract)
        for contract in contracts
        if contract.accepted
        and not contract.fulfilled
        and 0 <= ctx.now - contract.deadline < EVENT_SECONDS
    ]


def get_my_factions(ctx: Context) -> Paged:
    """List the factions that know the agent."""
    rows = list(ctx.agent.reputation.items())
    return ctx.page(rows, lambda row: {"symbol": row[0], "reputation": row[1]})


def get_my_ships(ctx: Context) -> Paged:
    """List the caller's ships in the order in which they were bought."""
    ships = ctx.world.ships
    return ctx.page(ctx.agent.ships, lambda symbol: ship_view(ctx, ships[symbol]))


def get_my_ship(ctx: Context) -> dict[str, Any]:
    """Show one ship."""
    return ship_view(ctx, ctx.ship())


def get_my_ship_cargo(ctx: Context) -> dict[str, Any]:
    """Show a ship's hold."""
    return cargo_view(ctx, ctx.ship())


def get_ship_nav(ctx: Context) -> dict[str, Any]:
    """Show where a ship is."""
    return nav_view(ctx, ctx.ship())


def get_ship_cooldown(ctx: Context) -> dict[str, Any] | None:
    """Show a ship's cooldown; None, which is answered 204, when there is none."""
    ship = ctx.ship()
    return cooldown_view(ctx, ship) if ctx.now < ship.cool_at else None


def get_mounts(ctx: Context) -> msgspec.Raw:
    """List a ship's mounts."""
    return ctx.render.parts(ctx.ship().mounts)


def get_ship_modules(ctx: Context) -> msgspec.Raw:
    """List a ship's modules."""
    return ctx.render.parts(ctx.ship().modules)
