"""Charting: making a place known to all, for a reward."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.places import chart_view, waypoint_view
from fleet.simulator.world.place import Chart


def create_chart(ctx: Context) -> dict[str, Any]:
    """Chart the place where a ship is; the size of the reward is guessed."""
    ship = ctx.ship()
    checks.arrived(ctx, ship)
    point, rules = checks.place(ctx, ship), ctx.world.rules
    if point.chart is not None:
        text = f"Waypoint already charted: {point.symbol}"
        raise Refusal(4230, text, {"waypointSymbol": point.symbol})
    reward = rules.chart_reward + rules.chart_reward_per_trait * len(point.traits)
    point.chart = Chart(ctx.agent.symbol, ctx.now)
    ctx.agent.charts += 1
    ctx.agent.post("CHART", reward)
    return {
        "chart": chart_view(ctx, point.symbol, point.chart),
        "waypoint": waypoint_view(ctx, point),
        "transaction": {
            "waypointSymbol": point.symbol,
            "shipSymbol": ship.symbol,
            "totalPrice": reward,
            "timestamp": ctx.render.stamp(ctx.now),
        },
        "agent": agent_view(ctx.agent),
    }
