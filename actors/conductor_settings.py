"""What a user, or an experiment, may tell the conductor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fleet.actors.behaviours import FLEETS, Behaviours
from fleet.actors.fleet_plan import PLAN, Want
from fleet.actors.parking import ParkingSettings
from fleet.actors.ship import ship_props
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BookView
from fleet.protocol.tasks import AnyTask
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.ship import Ship
from fleet.runtime import Props


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may look at when a ship wants work."""

    ship: Ship
    outcome: str
    """How its last task ended; empty for a new ship."""

    view: BookView
    tasks: Mapping[str, AnyTask]
    """By ship, what the others do."""

    now: GameTime


Rule = Callable[[Situation], AnyTask | None]
"""Gives a ship its task, or None to leave that to the next rule, and at last to the conductor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductorSettings:
    """What the user may limit, and what an experiment may change."""

    agent: Agent
    most_ships: int = 40
    value: int = 0
    """Ships bought before, at the price paid, in credits."""

    ship_budget: float = 2.0
    """Wall seconds for a message of a ship bought from now on."""

    wants: tuple[Want, ...] = PLAN
    rules: tuple[Rule, ...] = ()
    """Asked in order before the conductor's own ones."""

    behaviours: Behaviours = FLEETS
    parking: ParkingSettings = field(default_factory=ParkingSettings)

    def ship(self, ship: Ship) -> Props:
        """Say how to run a ship of this fleet."""
        return ship_props(ship.symbol, ship, budget=self.ship_budget, behaviours=self.behaviours)
