"""Where an agent's ships are, found without going through all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from fleet.simulator.world.agent import Agent
from fleet.simulator.world.world import World

FEW = 32
"""Ships up to which going through them is quicker than an index."""


@dataclass(slots=True)
class Berths:
    """The index of one agent: ships by the waypoint where they are, or are about to be."""

    ships_at: dict[str, set[str]] = field(default_factory=dict)
    place_of: dict[str, str] = field(default_factory=dict)

    def put(self, ship: str, waypoint: str) -> None:
        """Note where a ship is."""
        before = self.place_of.get(ship)
        if before == waypoint:
            return
        if before is not None:
            self.ships_at[before].discard(ship)
        self.place_of[ship] = waypoint
        self.ships_at.setdefault(waypoint, set()).add(ship)


class Harbours:
    """The indexes of agents with many ships; lives in the simulator's thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._berths: dict[str, Berths] = {}

    def present(self, agent: Agent, waypoint: str, now: float) -> bool:
        """Whether an agent has a ship at a waypoint that is not in transit."""
        ships = self._world.ships
        candidates = agent.ships if len(agent.ships) <= FEW else self._at(agent, waypoint)
        return any(
            (nav := ships[symbol].nav).waypoint == waypoint and now >= nav.arrival
            for symbol in candidates
        )

    def moved(self, agent: Agent, ship: str) -> None:
        """Note that a command may have moved a ship, or ended it."""
        berths = self._berths.get(agent.symbol)
        if berths is None or ship not in berths.place_of:
            return
        if ship in self._world.ships:
            berths.put(ship, self._world.ships[ship].nav.waypoint)
        else:
            del self._berths[agent.symbol]

    def _at(self, agent: Agent, waypoint: str) -> set[str]:
        berths = self._berths.get(agent.symbol)
        if berths is None:
            berths = self._berths[agent.symbol] = Berths()
        # New ships stand at the end of the list.
        for symbol in agent.ships[len(berths.place_of) :]:
            berths.put(symbol, self._world.ships[symbol].nav.waypoint)
        return berths.ships_at.get(waypoint, set())
