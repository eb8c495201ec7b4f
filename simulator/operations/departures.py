"""The departure feed, which is a websocket."""

from __future__ import annotations

from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.refusals import Refusal
from fleet.simulator.world.ship import Ship

UPGRADE = 426


def no_websocket(_ctx: Context) -> Any:
    """Refuse a plain request to the feed. Raises Refusal 426."""
    raise Refusal(UPGRADE, "This is a websocket; connect with an upgrade.")


def announce(ctx: Context, ship: Ship) -> None:
    """Tell those who listen to the system that a ship leaves; what they are told is guessed."""
    nav, feed = ship.nav, ctx.feed
    system = ctx.world.waypoints[nav.origin].system
    if feed is None or not feed.listens(system):
        return
    stamp = ctx.render.stamp
    feed.publish(
        system,
        {
            "event": f"systems.{system}.departure",
            "data": {
                "shipSymbol": ship.symbol,
                "systemSymbol": system,
                "originSymbol": nav.origin,
                "destinationSymbol": nav.waypoint,
                "departureTime": stamp(nav.departure),
                "arrival": stamp(nav.arrival),
            },
        },
    )
