"""Building: bringing material to a construction site."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import DeliveryBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.views.places import construction_view
from fleet.simulator.views.ships import cargo_view
from fleet.simulator.world.place import Material, Waypoint


def supply_construction(ctx: Context) -> dict[str, Any]:
    """Give material from a docked ship to the site; what is too much stays aboard (guessed)."""
    body = ctx.read(DeliveryBody)
    good = ctx.good(body.trade_symbol, "tradeSymbol")
    point = ctx.waypoint()
    ship = ctx.own_ship(body.ship_symbol)
    checks.arrived(ctx, ship)
    material = needed(ctx, point, good)
    if ship.nav.waypoint != point.symbol:
        text = f"Ship {ship.symbol} is not at the construction site {point.symbol}."
        raise Refusal(4802, text, {"shipSymbol": ship.symbol, "waypointSymbol": ship.nav.waypoint})
    checks.docked(ship)
    checks.holds(ship, good, body.units)
    units = min(body.units, material.required - material.fulfilled)
    ship.take(good, units)
    material.fulfilled += units
    site = ctx.world.constructions[point.symbol]
    return {
        "construction": construction_view(point.symbol, site),
        "cargo": cargo_view(ctx, ship),
    }


def needed(ctx: Context, point: Waypoint, good: str) -> Material:
    """Find the material that a site still needs. Raises Refusal 4800 or 4801."""
    site = ctx.world.constructions.get(point.symbol)
    rows = site.materials if site else []
    material = next((row for row in rows if row.symbol == good), None)
    data = {"tradeSymbol": good, "waypointSymbol": point.symbol}
    if material is None:
        text = f"Construction at {point.symbol} does not require {good}."
        raise Refusal(4800, text, data)
    if material.fulfilled >= material.required:
        text = f"Construction material requirements for {good} have been met."
        raise Refusal(4801, text, data)
    return material
