"""What is compared: arms, seeds, for how long, and by which figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.experiments.arm import Arm
from fleet.protocol.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
HOUR = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Each arm plays each seed; the first arm is what the others are compared with."""

    name: str
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...] = tuple(range(1, 31))
    seconds: float = 6 * HOUR
    """Game time of one run."""

    scenario: str = "start"
    universe: Mapping[str, Any] = field(default_factory=dict)
    """Rules of the simulator that differ in all arms."""

    latency: float = 0.15
    """Game seconds that a request is under way."""

    metric: str = "net_worth_gain"
    """The figure that decides."""

    metrics: tuple[str, ...] = ("net_worth_gain", "credits_per_request", "requests", "ships")
    """The figures that are compared."""

    def check(self) -> None:
        """Raise UsageError for an experiment that can't be run."""
        names = [arm.name for arm in self.arms]
        for name in (self.name, *names):
            if not NAME.fullmatch(name):
                raise UsageError(
                    f"{name!r} is no name: use letters, digits, dots, dashes and underscores"
                )
        if len(names) < 2 or len(set(names)) < len(names):
            raise UsageError("an experiment compares two arms or more, each with its own name")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UsageError("an experiment needs seeds, each once")
        if not self.seconds > 0:
            raise UsageError("the duration of a run must be above 0")
        if not self.latency >= 0:
            raise UsageError("the latency is in game seconds and not below 0")

    def arm(self, name: str) -> Arm:
        """Find an arm. Raises KeyError."""
        return {arm.name: arm for arm in self.arms}[name]
