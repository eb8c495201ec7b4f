"""Loads a captured galaxy: its stars, and which gates lead where."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from fleet.protocol.errors import SetupError
from fleet.simulator.world.star import Star
from fleet.simulator.world.world import World


class SeenStar(msgspec.Struct):
    """A system as a crawler wrote it down."""

    symbol: str
    type: str
    x: int
    y: int
    has_gate: bool = False
    gate_under_construction: bool = False


class CapturedGalaxy(msgspec.Struct):
    """A captured galaxy; `edges` names pairs of systems whose gates are connected."""

    systems: list[SeenStar]
    edges: list[tuple[str, str]]


def check_galaxy(galaxy: CapturedGalaxy, path: Path) -> None:
    """See that a galaxy is whole, and that somebody can start in it. Raises SetupError."""
    gated = {row.symbol for row in galaxy.systems if row.has_gate}
    if not gated:
        raise SetupError(f"The universe file {path} has no system with a gate to start in.")
    lost = next((end for edge in galaxy.edges for end in edge if end not in gated), None)
    if lost is not None:
        raise SetupError(f"The universe file {path} has an edge to {lost}, where no gate stands.")


def chart_galaxy(world: World, galaxy: CapturedGalaxy, rng: random.Random) -> Star:
    """Put the stars of a captured galaxy into a world; choose and tell the first home.

    What is in the systems was not captured: it is drawn from the seed when somebody looks.
    """
    world.stars = [
        Star(row.symbol, row.type, row.x, row.y, row.has_gate, row.gate_under_construction)
        for row in galaxy.systems
    ]
    world.lanes = list(galaxy.edges)
    world.size = len(world.stars)
    connected = {end for edge in galaxy.edges for end in edge}
    return rng.choice([star for star in world.stars if star.symbol in connected or star.gate])
