"""What refineries make of what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fleet.simulator.catalogue import Part
from fleet.simulator.settings import Rules

MICRO_REFINERY = "MODULE_MICRO_REFINERY_I"
ORE_REFINERY = "MODULE_ORE_REFINERY_I"
FUEL_REFINERY = "MODULE_FUEL_REFINERY_I"
REFINERIES = (ORE_REFINERY, FUEL_REFINERY, MICRO_REFINERY)

METALS = ("IRON", "COPPER", "SILVER", "GOLD", "ALUMINUM", "PLATINUM", "URANITE", "MERITIUM")
INPUTS: Mapping[str, str] = {"FUEL": "HYDROCARBON", **{metal: f"{metal}_ORE" for metal in METALS}}
"""What each product is made of (official)."""

COMMON_METALS = ("IRON", "COPPER", "ALUMINUM")
"""What a micro refinery makes (guessed)."""


def products(refinery: str) -> tuple[str, ...]:
    """List what a refinery makes (official but for the micro refinery)."""
    if refinery == FUEL_REFINERY:
        return ("FUEL",)
    return METALS if refinery == ORE_REFINERY else COMMON_METALS


def fitting_refinery(modules: Iterable[str], produce: str) -> str | None:
    """Find the best module that makes a product."""
    fitted = [name for name in REFINERIES if name in modules]
    return next((name for name in fitted if produce in products(name)), None)


def batch(refinery: str, rules: Rules) -> tuple[int, int]:
    """Tell (units in, units out) of one use."""
    return rules.refine_batch_micro if refinery == MICRO_REFINERY else rules.refine_batch


def refine_cooldown(refinery: Part) -> int:
    """Tell the seconds of cooldown; guessed after the other actions of a reactor."""
    return 60 + 10 * (refinery.requirements.power or 0)
