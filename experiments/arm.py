"""One way to run the fleet, compared with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.behaviours import Behaviour
from fleet.actors.conductor_settings import Rule
from fleet.actors.fleet_plan import PLAN, Want
from fleet.actors.lane_policy import LanePolicy, Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one arm does differently; whatever it leaves out is as in a plain `fleet run`."""

    name: str
    ships: int = 40
    """Most ships that the fleet may own."""

    wants: tuple[Want, ...] = PLAN
    """The ships to buy, in order."""

    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    """By name; one of fleet's own names replaces that behaviour."""

    rules: tuple[Rule, ...] = ()
    """Asked before the conductor's own rules when a ship wants work."""

    policy: Callable[[], LanePolicy] = Turns
    """Which lane of the bucket is served next."""

    universe: Mapping[str, Any] = field(default_factory=dict)
    """Rules of the simulator that differ, by name; for arms that ask what the world does."""
