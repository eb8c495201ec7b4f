"""Wear as it happens to ships in flight and at work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fleet.simulator.context import Context
from fleet.simulator.rules import wear
from fleet.simulator.world.ship import Ship


def strain_ship(
    ctx: Context, ship: Ship, occasion: wear.Occasion, traits: Iterable[str]
) -> list[dict[str, Any]]:
    """Draw what an occasion does to a ship, and show it as condition events; mostly nothing."""
    rules = ctx.world.rules
    if not (rules.wear_in_flight if occasion == "flight" else rules.wear_at_work):
        return []
    rng = ctx.world.chance_of("wear", ship.symbol, ctx.now)
    if not wear.wears(traits, occasion, rules, rng):
        return []
    symbol, component = wear.draw_event(occasion, rng)
    part = wear.part_of(ship, component)
    quality = ctx.catalogue.parts[part.symbol].quality or 1
    wear.worn(part, wear.damage(part, quality, rules, rng))
    name = symbol.replace("_", " ").capitalize()
    text = f"{name} has worn the {component.lower()} of {ship.symbol}."
    return [{"symbol": symbol, "component": component, "name": name, "description": text}]
