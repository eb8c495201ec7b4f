"""Deals units out to arms at random, half and half within each stratum."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Literal

Arm = Literal["A", "B"]
"""A is what there is, B is what is tried."""


def split(strata: Mapping[str, Sequence[str]], rng: random.Random) -> dict[str, Arm]:
    """Assign every unit to an arm; in no stratum do the arms differ by more than one unit.

    Complete randomisation within strata: each half of a stratum is as likely as any other, and
    whether the odd one out is in A or B is a toss. What the units were listed in does not matter.
    """
    arms: dict[str, Arm] = {}
    for stratum in sorted(strata):
        units = sorted(strata[stratum])
        rng.shuffle(units)
        more: Arm = rng.choice(("A", "B"))
        for number, unit in enumerate(units):
            arms[unit] = more if number % 2 == 0 else _other(more)
    return arms


def arm_of_turn(seed: int, number: int) -> Arm:
    """Tell whose turn the n-th is: each pair of turns has both arms, in an order by toss.

    A drift of the whole fleet so hits both arms alike, and the differences of the pairs are
    uncorrelated by design as long as no turn reaches into the next (Bojinov, Simchi-Levi and
    Zhao, Design and Analysis of Switchback Experiments, Management Science 2023).
    """
    first: Arm = random.Random(f"{seed} {number // 2}").choice(("A", "B"))
    return first if number % 2 == 0 else _other(first)


def _other(arm: Arm) -> Arm:
    return "B" if arm == "A" else "A"
