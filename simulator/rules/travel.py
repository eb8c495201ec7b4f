"""How far, how long and how much fuel: navigation and warp."""

from __future__ import annotations

import math

from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.world.ship import FlightMode

NAVIGATE_FACTOR = {"CRUISE": 25.0, "DRIFT": 250.0, "BURN": 12.5, "STEALTH": 30.0}
"""Official."""

WARP_FACTOR = {"CRUISE": 50.0, "DRIFT": 300.0, "BURN": 25.0, "STEALTH": 60.0}
"""Official for CRUISE; the others were not confirmed after version 2.1."""

SPEED_ORDER = ("BURN", "CRUISE", "STEALTH", "DRIFT")
"""Fastest first."""


def distance(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Straight distance between two points."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def travel_seconds(
    far: float, speed: float, mode: FlightMode, rules: Rules, *, warp: bool = False
) -> int:
    """Tell the duration of a flight within a system, or of a warp between systems.

    Official formula, confirmed by several clients; that it rounds rests on one exact observation.
    """
    factor = (WARP_FACTOR if warp else NAVIGATE_FACTOR)[mode]
    exact = max(1, half_up(far)) * factor / speed + 15
    return half_up(exact) if rules.travel_rounding == "round" else math.floor(exact)


def fuel_cost(far: float, mode: FlightMode) -> int:
    """Tell the fuel that a flight takes; even a hop between moons takes one (official)."""
    if mode == "DRIFT":
        return 1
    units = max(1, half_up(far))
    return 2 * units if mode == "BURN" else units


def slower(mode: FlightMode, other: FlightMode) -> bool:
    """Whether a mode is slower than another."""
    return SPEED_ORDER.index(mode) > SPEED_ORDER.index(other)


def rerouted(
    far: float,
    left: float,
    speed: float,
    old: FlightMode,
    new: FlightMode,
    *,
    warp: bool = False,
) -> tuple[int, int]:
    """Tell (seconds, extra fuel) for the rest of a flight that switches to a faster mode.

    `left` is the share of the flight that is still ahead. Guessed: the rest of the distance is
    flown in the new mode, its dearer fuel is paid, nothing is given back.
    """
    rest = far * left
    factor = (WARP_FACTOR if warp else NAVIGATE_FACTOR)[new]
    seconds = max(0, half_up(rest * factor / speed))
    return seconds, max(0, fuel_cost(rest, new) - fuel_cost(rest, old))
