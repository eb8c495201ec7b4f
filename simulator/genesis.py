"""Makes a new world, from a seed or a captured system."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

from fleet.protocol.clock import GameTime
from fleet.protocol.errors import UsageError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.scenarios import read_scenario
from fleet.simulator.settings import Rules, SimSettings
from fleet.simulator.universe.captured import Captured, install, read_captured
from fleet.simulator.universe.captured_galaxy import CapturedGalaxy, chart_galaxy
from fleet.simulator.universe.seeded import Founder, draw_home
from fleet.simulator.world.place import Gate
from fleet.simulator.world.region import Region
from fleet.simulator.world.world import World

DEFAULT_SCENARIO = "start"
DEFAULT_SEED = 1
DEFAULT_SIZE = 1


def new_world(settings: SimSettings, catalogue: Catalogue, now: GameTime) -> World:
    """Make the world that the settings describe. Raises UsageError or SetupError."""
    if settings.universe is not None and settings.systems is not None:
        raise UsageError("A captured universe has the systems that it has: leave --systems away.")
    scenario = read_scenario(settings.scenario or DEFAULT_SCENARIO, catalogue)
    world = World(
        seed=DEFAULT_SEED if settings.seed is None else settings.seed,
        created=now,
        reset_date=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}",
        scenario=scenario,
        rules=settings.rules or scenario.rules or Rules(),
    )
    captured: Captured | CapturedGalaxy | None = None
    if settings.universe is not None:
        captured, world.universe = read_captured(settings.universe)
    if isinstance(captured, Captured):
        install(world, captured, catalogue, now)
        return world
    faction = world.random().choice(list(catalogue.factions))
    rng = world.random()
    if captured is not None:
        star = chart_galaxy(world, captured, rng)
    else:
        star = draw_home(rng)
        world.size = DEFAULT_SIZE if settings.systems is None else settings.systems
    world.home = star.symbol
    place(world, Founder(catalogue, world.rules, now, rng).found(star, faction))
    return world


def place(world: World, region: Region) -> None:
    """Put a system into a world for good."""
    world.systems[region.system.symbol] = region.system
    world.waypoints |= region.waypoints
    world.markets |= region.markets
    world.shipyards |= region.shipyards
    world.constructions |= region.constructions
    if world.size == 1:
        # In a galaxy the lanes tell where a gate leads; a lone system has none.
        gates = (row.symbol for row in region.waypoints.values() if row.type == "JUMP_GATE")
        world.gates |= {symbol: Gate(symbol, []) for symbol in gates}


def check_same(world: World, settings: SimSettings, catalogue: Catalogue) -> None:
    """See that a stored world is the one that the settings ask for. Raises UsageError."""
    asked: list[tuple[str, object, object]] = []
    if settings.seed is not None:
        stored_seed = world.seed if world.first_seed is None else world.first_seed
        asked.append(("seed", settings.seed, stored_seed))
    if settings.systems is not None:
        asked.append(("systems", settings.systems, world.size))
    if settings.scenario is not None:
        name = read_scenario(settings.scenario, catalogue).name
        asked.append(("scenario", name, world.scenario.name))
    if settings.universe is not None:
        asked.append(("universe", read_captured(settings.universe)[1], world.universe))
    for option, wanted, stored in asked:
        if wanted != stored:
            raise UsageError(
                f"{settings.data_dir} holds a world whose {option} is {stored or 'made up'}; "
                f"start it without --{option}, or choose another --data-dir."
            )


def derived_key(seed: int) -> bytes:
    """Make the signing key of a world that is kept in memory only."""
    return blake2b(f"fleet simulator {seed}".encode(), digest_size=32).digest()
