"""How ships wear, what repairs cost, what a ship is worth as scrap.

That frame, reactor and engine wear in flight and at work, less the better they are, and that
hazardous places double the odds is official; odds, damage and prices are guessed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from fleet.simulator.catalogue import Part
from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.world.ship import Fitting, Ship

Component = Literal["FRAME", "REACTOR", "ENGINE"]
Occasion = Literal["flight", "work"]

HAZARDS = ("EXPLOSIVE_GASES",)

EVENTS: Mapping[Occasion, Sequence[tuple[str, Component]]] = {
    "flight": (
        ("DUST_MICROABRASIONS", "FRAME"),
        ("HULL_MICROMETEORITE_DAMAGE", "FRAME"),
        ("HULL_MICROMETEORITE_STRIKES", "FRAME"),
        ("SPACE_DEBRIS_COLLISION", "FRAME"),
        ("SENSOR_CALIBRATION_DRIFT", "FRAME"),
        ("PRESSURE_DIFFERENTIAL_STRESS", "FRAME"),
        ("STRUCTURAL_STRESS_FRACTURES", "FRAME"),
        ("ATMOSPHERIC_ENTRY_HEAT", "FRAME"),
        ("SOLAR_FLARE_INTERFERENCE", "REACTOR"),
        ("MAGNETIC_FIELD_DISRUPTION", "REACTOR"),
        ("COOLANT_SYSTEM_AGEING", "REACTOR"),
        ("ELECTROMAGNETIC_SURGE_EFFECTS", "REACTOR"),
        ("FUEL_EFFICIENCY_DEGRADATION", "ENGINE"),
        ("THRUSTER_NOZZLE_WEAR", "ENGINE"),
        ("EXHAUST_PORT_CLOGGING", "ENGINE"),
        ("BEARING_LUBRICATION_FADE", "ENGINE"),
        ("THERMAL_STRESS", "ENGINE"),
        ("VIBRATION_OVERLOAD", "ENGINE"),
    ),
    "work": (
        ("REACTOR_OVERLOAD", "REACTOR"),
        ("ENERGY_SPIKE_FROM_MINERAL", "REACTOR"),
        ("COOLANT_LEAK", "REACTOR"),
        ("POWER_DISTRIBUTION_FLUCTUATION", "REACTOR"),
        ("CORROSIVE_MINERAL_CONTAMINATION", "FRAME"),
        ("VIBRATION_DAMAGE_FROM_DRILLING", "FRAME"),
        ("IMPACT_WITH_EXTRACTED_DEBRIS", "FRAME"),
        ("THERMAL_EXPANSION_MISMATCH", "FRAME"),
        ("ELECTROMAGNETIC_FIELD_INTERFERENCE", "ENGINE"),
    ),
}
"""The symbols are official; which occasion brings which, and to which part, is guessed."""


def wears(traits: Iterable[str], occasion: Occasion, rules: Rules, rng: random.Random) -> bool:
    """Draw whether something happens; hazardous places double the odds (official)."""
    odds = rules.wear_in_flight if occasion == "flight" else rules.wear_at_work
    return rng.random() < odds * (2 if any(trait in HAZARDS for trait in traits) else 1)


def draw_event(occasion: Occasion, rng: random.Random) -> tuple[str, Component]:
    """Draw what happens, and to which part."""
    return rng.choice(EVENTS[occasion])


def part_of(ship: Ship, component: Component) -> Fitting:
    """Find a part of a ship."""
    return {"FRAME": ship.frame, "REACTOR": ship.reactor, "ENGINE": ship.engine}[component]


def damage(part: Fitting, quality: int, rules: Rules, rng: random.Random) -> float:
    """Draw how much condition a part loses: the worse it is, and the poorer made, the more."""
    frailty = 2.5 / math.pow(max(1, quality), 1.5)
    return rng.uniform(*rules.wear_damage) * (1.5 - 0.5 * part.condition) * frailty


def worn(part: Fitting, loss: float) -> None:
    """Let a part lose condition, which the API shows with three decimals."""
    part.condition = round(max(0.0, part.condition - loss), 3)


def effective_speed(nominal: int, engine: Fitting, rules: Rules) -> float:
    """Tell the speed of a worn engine; never less than three quarters of the nominal one."""
    if not rules.wear_slows:
        return nominal
    return nominal * (0.75 + 0.25 * engine.condition * engine.integrity)


def repair_price(ship: Ship, parts: Mapping[str, Part], plating: int, pieces: int) -> int:
    """Tell what a repair costs, given the prices of SHIP_PLATING and SHIP_PARTS."""
    total = 0
    for part, price, weight in (
        (ship.frame, plating, 1.0),
        (ship.reactor, pieces, 0.5),
        (ship.engine, pieces, 0.5),
    ):
        quality = parts[part.symbol].quality or 1
        needed = math.ceil((1 - part.condition) * weight * quality * 10)
        total += needed * price
    return total


def repaired(part: Fitting, rules: Rules) -> None:
    """Make a part as good as new, but for some integrity that is gone for good (official)."""
    lost = rules.repair_integrity_loss * (1 - part.condition)
    part.integrity = round(max(0.0, part.integrity - lost), 3)
    part.condition = 1.0


def scrap_value(ship: Ship, price: float, fitted: Iterable[float], rules: Rules) -> int:
    """Tell what a ship fetches as scrap; mounts and modules pay poorly (official)."""
    parts = (ship.frame, ship.reactor, ship.engine)
    state = sum(part.condition * part.integrity for part in parts) / len(parts)
    return half_up(rules.scrap_hull * price * state + rules.scrap_fittings * sum(fitted))
