"""A bucket's policy of one's own: whoever has waited longest goes first, whatever the lane.

`fleet experiment run oldest_first.py --seeds 10` compares it with fleet's own lanes on a fleet
that asks for more than the allowance.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet.actors.lane_policy import Head
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import HOUR, Experiment
from fleet.protocol.clock import GameTime


class OldestFirst:
    """First come, first served."""

    def pick(self, heads: Sequence[Head], now: GameTime) -> Head:
        """Pick the head that has waited longest."""
        return max(heads, key=lambda head: (head.waited, -head.lane))


experiment = Experiment(
    name="oldest_first",
    arms=(Arm(name="lanes"), Arm(name="oldest", policy=OldestFirst)),
    scenario="late",
    seconds=1 * HOUR,
)
