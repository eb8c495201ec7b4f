"""The whole world as one serialisable value."""

from __future__ import annotations

import hashlib
from random import Random

import msgspec

from fleet.simulator.settings import Rules
from fleet.simulator.world.agent import Account, Agent
from fleet.simulator.world.contract import Contract
from fleet.simulator.world.market import Market, Shipyard
from fleet.simulator.world.place import Construction, Gate, System, Waypoint
from fleet.simulator.world.scenario import Scenario
from fleet.simulator.world.ship import Ship
from fleet.simulator.world.star import Star
from fleet.simulator.world.survey import Site, Survey


class World(msgspec.Struct, kw_only=True):
    """Everything there is; changed only by commands, in one thread.

    Reading never changes it: what time alone changes (arrivals, cooldowns, drifting markets)
    is computed for the moment of the question. So a replay of the commands ends in the same state.
    """

    seed: int
    first_seed: int | None = None
    """Seed of the universe before the first reset; None before that."""

    created: float
    reset_date: str
    scenario: Scenario
    universe: str = ""
    """Digest of the captured file it was made of; empty for a made-up world."""

    rules: Rules
    home: str = ""
    """The starting system that is there from the beginning."""

    size: int = 1
    """Systems of a galaxy that is drawn from the seed around that one."""

    stars: list[Star] = []
    """Stars of a captured galaxy; empty where they are drawn."""

    lanes: list[tuple[str, str]] = []
    """Systems whose gates are connected in a captured galaxy."""

    systems: dict[str, System] = {}
    waypoints: dict[str, Waypoint] = {}
    markets: dict[str, Market] = {}
    shipyards: dict[str, Shipyard] = {}
    gates: dict[str, Gate] = {}
    constructions: dict[str, Construction] = {}
    accounts: dict[str, Account] = {}
    agents: dict[str, Agent] = {}
    ships: dict[str, Ship] = {}
    contracts: dict[str, Contract] = {}
    surveys: dict[str, Survey] = {}
    sites: dict[str, Site] = {}
    draws: int = 0
    """Random generators handed out so far; each is seeded by its number."""

    def random(self) -> Random:
        """Hand out a fresh generator that depends on the seed and the number of draws alone."""
        self.draws += 1
        return Random(f"{self.seed}:{self.draws}")

    def chance_of(self, *what: object) -> Random:
        """Hand out a generator for one matter, which changes nothing and depends on it alone."""
        return Random(f"{self.seed}:{what}")

    def state_hash(self) -> str:
        """Digest the whole state; equal states have equal digests."""
        # The order of dictionaries tells who was there first, and a resumed world has another.
        return hashlib.sha256(msgspec.msgpack.encode(self, order="deterministic")).hexdigest()
