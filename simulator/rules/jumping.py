"""Jumps between gates: how far, and how long a ship cools down."""

from __future__ import annotations

from fleet.simulator.rules.prices import half_up
from fleet.simulator.rules.travel import distance
from fleet.simulator.settings import Rules
from fleet.simulator.world.place import System
from fleet.simulator.world.star import Star


def jump_distance(origin: System | Star, goal: System | Star) -> int:
    """Tell the whole distance between two systems."""
    return half_up(distance((origin.x, origin.y), (goal.x, goal.y)))


def jump_cooldown(far: int, rules: Rules) -> int:
    """Tell the seconds that a ship cools down after a jump.

    15 + 0.3 per unit is what one client predicts since the change of March 2025, and fits the
    cooldowns in another's logs; `old` is the formula before that.
    """
    return 60 + far if rules.jump_cooldown == "old" else half_up(15 + 0.3 * far)
