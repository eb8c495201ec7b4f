"""The agents that a scenario begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fleet.protocol.clock import GameTime
from fleet.simulator.command import Command
from fleet.simulator.world.world import World

if TYPE_CHECKING:
    from fleet.simulator.simulator import Simulator


def names(world: World) -> list[str]:
    """List the symbols of the agents that the scenario brings along."""
    stem = world.scenario.name.upper()[:9]
    return [f"{stem}-{number}" for number in range(1, world.scenario.agents + 1)]


def populate(simulator: Simulator, now: GameTime) -> None:
    """Register the agents of the scenario of a new world, all with the faction of its home."""
    world = simulator.world
    if not world.scenario.agents:
        return
    faction = world.systems[world.home].factions[0]
    for symbol in names(world):
        body = msgspec.json.encode({"symbol": symbol, "faction": faction})
        simulator.replay(Command(now, "register", None, None, {}, body, form=False))
