"""Scenarios: what an agent of a world starts with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import msgspec

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rules import digging, travel
from fleet.simulator.rules.fleet import launch
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.scenario import Scenario, Where
from fleet.simulator.world.world import World

COMMAND_SHIP = "SHIP_COMMAND_FRIGATE"
FIRST_PROBE = "SHIP_PROBE"

RICH_TRAITS = ("PRECIOUS_METAL_DEPOSITS", "RARE_METAL_DEPOSITS", "COMMON_METAL_DEPOSITS")


def builtin_names() -> list[str]:
    """List the scenarios that come along."""
    folder = resources.files("fleet.simulator").joinpath("data", "scenarios")
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir())


def read_scenario(name: str, catalogue: Catalogue) -> Scenario:
    """Read a built-in scenario or a file. Raises UsageError or SetupError with one sentence."""
    if name in builtin_names():
        path = resources.files("fleet.simulator").joinpath("data", "scenarios", f"{name}.json")
        return parse(path.read_bytes(), name, catalogue)
    if not name.endswith(".json") and "/" not in name:
        known = ", ".join(builtin_names())
        raise UsageError(f"There is no scenario {name}; take one of {known}, or a .json file.")
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        raise SetupError(f"The scenario file {name} can't be read: {error.strerror}.") from error
    return parse(content, name, catalogue)


def parse(content: bytes, name: str, catalogue: Catalogue) -> Scenario:
    """Read a scenario's JSON. Raises SetupError."""
    try:
        scenario = msgspec.json.decode(content, type=Scenario)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = "; `fleet sim settings` lists the rules" if "$.rules" in str(error) else ""
        raise SetupError(f"The scenario file {name} is not usable: {error}{hint}.") from error
    for squadron in scenario.ships:
        if squadron.type not in catalogue.ship_types:
            known = ", ".join(catalogue.ship_types)
            wrong = f"The scenario file {name} asks for the ship type {squadron.type}"
            raise SetupError(f"{wrong}; take one of {known}.")
    return scenario


def outfit(world: World, catalogue: Catalogue, agent: Agent, home: System, now: float) -> None:
    """Give a fresh agent its ships and credits, as the world's scenario has it.

    The usual ones are a frigate at the headquarters and a probe at a shipyard (official).
    """
    scenario = world.scenario
    chosen = scenario.agent.upper() if scenario.agent else next(iter(world.agents))
    special = scenario.everybody or agent.symbol == chosen
    if scenario.usual_ships or not special:
        launch(world, catalogue, agent, COMMAND_SHIP, agent.headquarters, now)
        launch(world, catalogue, agent, FIRST_PROBE, home.probe_at or agent.headquarters, now)
    if not special:
        return
    if scenario.credits is not None:
        agent.credits = agent.starting_credits = scenario.credits
    for squadron in scenario.ships:
        points = places(world, home, squadron.at)[: squadron.over]
        for index in range(squadron.count if points else 0):
            at = points[index % len(points)].symbol
            ship = launch(world, catalogue, agent, squadron.type, at, now)
            ship.nav.docked = not squadron.orbiting


def places(world: World, home: System, where: Where) -> list[Waypoint]:
    """List the places of a kind in a system, best first."""
    points = [world.waypoints[symbol] for symbol in home.waypoints]
    if where == "HEADQUARTERS":
        return [point for point in points if point.symbol == home.headquarters]
    if where == "MARKETS":
        return [point for point in points if point.symbol in world.markets]
    if where == "SHIPYARDS":
        return [point for point in points if point.symbol in world.shipyards]
    if where == "RICH_ASTEROIDS":
        return rich_asteroids(world, points)
    kind = where
    return [point for point in points if point.type == kind]


def rich_asteroids(world: World, points: list[Waypoint]) -> list[Waypoint]:
    """List metal asteroids, those nearest to a market that buys their goods first."""
    buyers = [
        (point, set(world.markets[point.symbol].goods))
        for point in points
        if point.symbol in world.markets
    ]

    def way(rock: Waypoint) -> float:
        return min(
            (
                travel.distance((rock.x, rock.y), (point.x, point.y))
                for point, goods in buyers
                if goods & rock.deposits.keys()
            ),
            default=float("inf"),
        )

    rocks = (point for point in points if point.type in digging.DIGGABLE and point.deposits)
    return sorted((rock for rock in rocks if any(t in RICH_TRAITS for t in rock.traits)), key=way)
