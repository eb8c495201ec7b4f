"""What is compared: arms, seeds, for how long, and by which figures."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.experiments.arm import Arm
from fleet.protocol.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
HOUR = 3_600.0
SEED_MOST = 999_999_999
"""The agent of a run is SEED-N, and the game takes 14 characters for a call sign (official)."""

FIGURES = (
    *("net_worth_gain", "credits", "requests", "credits_per_request", "refused_429", "ships"),
    *("contracts_fulfilled", "owed"),
)
"""What each run is measured by; besides, what each behaviour brought in, under its name."""

INCOME = "income."


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
    """Game seconds that each request is under way to the server."""

    faults: tuple[str, ...] = ()
    """Faults of the simulator in all arms, in the words of `fleet sim --fault`, such as
    `latency:reply=50..250`."""

    metric: str = "net_worth_gain"
    """The figure that decides."""

    metrics: tuple[str, ...] = ("net_worth_gain", "credits_per_request", "requests", "ships")
    """The figures that are compared."""

    def check(self) -> None:
        """Raise UsageError for an experiment that can't be run."""
        if not all(isinstance(arm, Arm) for arm in self.arms):
            raise UsageError("arms is a tuple of Arm(...)")
        names = [arm.name for arm in self.arms]
        for name in (self.name, *names):
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise UsageError(
                    f"{name!r} is no name: use letters, digits, dots, dashes and underscores"
                )
        if len(names) < 2 or len(set(names)) < len(names):
            raise UsageError("an experiment compares two arms or more, each with its own name")
        self._check_seeds()
        if not _is_number(self.seconds) or not self.seconds > 0:
            raise UsageError("the duration of a run must be above 0")
        if not _is_number(self.latency) or not self.latency >= 0:
            raise UsageError("the latency is in game seconds and not below 0")
        if not all(isinstance(fault, str) for fault in self.faults) or isinstance(self.faults, str):
            raise UsageError('faults is a tuple of words, such as ("latency:reply=50..250",)')
        for metric in (self.metric, *self.metrics):
            if metric not in FIGURES and not str(metric).startswith(INCOME):
                known = ", ".join(FIGURES)
                raise UsageError(
                    f"no run has the figure {metric!r}; there are {known}, and {INCOME}BEHAVIOUR"
                )
        for arm in self.arms:
            arm.check()

    def _check_seeds(self) -> None:
        seeds = self.seeds
        if not isinstance(seeds, tuple | list | range):
            raise UsageError(f"seeds is a tuple of numbers, such as (1, 2, 3), not {seeds!r}")
        if not seeds or len(set(seeds)) < len(seeds):
            raise UsageError("an experiment needs seeds, each once")
        if not all(type(seed) is int and 0 <= seed <= SEED_MOST for seed in seeds):
            raise UsageError(f"seeds are whole numbers from 0 to {SEED_MOST}")

    def arm(self, name: str) -> Arm:
        """Find an arm. Raises KeyError."""
        return {arm.name: arm for arm in self.arms}[name]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
