"""Refining aboard."""

from __future__ import annotations

from typing import Any

from fleet.simulator.bodies import RefineBody
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules import refining
from fleet.simulator.views.ships import cargo_view, cooldown_view
from fleet.simulator.world.ship import Ship


def refine(ctx: Context) -> dict[str, Any]:
    """Make one batch of a product; docked or in orbit (guessed)."""
    produce = ctx.read(RefineBody).produce
    ship = ctx.ship()
    checks.reactor_ready(ctx, ship)
    refinery = fitted_refinery(ship, produce)
    taken, made = refining.batch(refinery, ctx.world.rules)
    source = refining.INPUTS[produce]
    checks.holds(ship, source, taken)
    ship.take(source, taken)
    ship.put(produce, made)
    checks.start_cooldown(ctx, ship, refining.refine_cooldown(ctx.catalogue.parts[refinery]))
    return {
        "cargo": cargo_view(ctx, ship),
        "cooldown": cooldown_view(ctx, ship),
        "produced": [{"tradeSymbol": produce, "units": made}],
        "consumed": [{"tradeSymbol": source, "units": taken}],
    }


def fitted_refinery(ship: Ship, produce: str) -> str:
    """Find the refinery that makes a product. Raises Refusal 4238 or 4239."""
    refinery = refining.fitting_refinery(ship.modules, produce)
    if refinery is not None:
        return refinery
    data = {"shipSymbol": ship.symbol, "produce": produce}
    if any(name in refining.REFINERIES for name in ship.modules):
        text = f"Ship refine failed. No refinery of ship {ship.symbol} makes {produce}."
        raise Refusal(4238, text, data)
    raise Refusal(4239, f"Ship refine failed. Ship {ship.symbol} has no refinery.", data)
