"""Makes a new world, from a seed or a captured system."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

from fleet.protocol.clock import GameTime
from fleet.protocol.errors import UsageError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.scenarios import read_scenario
from fleet.simulator.settings import Rules, SimSettings
from fleet.simulator.universe.captured import install, read_captured
from fleet.simulator.universe.seeded import Founder
from fleet.simulator.world.world import World

DEFAULT_SCENARIO = "start"
DEFAULT_SEED = 1


def new_world(settings: SimSettings, catalogue: Catalogue, now: GameTime) -> World:
    """Make the world that the settings describe. Raises UsageError or SetupError."""
    scenario = read_scenario(settings.scenario or DEFAULT_SCENARIO, catalogue)
    world = World(
        seed=DEFAULT_SEED if settings.seed is None else settings.seed,
        created=now,
        reset_date=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}",
        scenario=scenario,
        rules=settings.rules or scenario.rules or Rules(),
    )
    if settings.universe is not None:
        captured, world.universe = read_captured(settings.universe)
        install(world, captured, catalogue, now)
        return world
    faction = world.random().choice(list(catalogue.factions))
    Founder(world, catalogue, now).found(faction)
    return world


def check_same(world: World, settings: SimSettings, catalogue: Catalogue) -> None:
    """See that a stored world is the one that the settings ask for. Raises UsageError."""
    asked: list[tuple[str, object, object]] = []
    if settings.seed is not None:
        stored_seed = world.seed if world.first_seed is None else world.first_seed
        asked.append(("seed", settings.seed, stored_seed))
    if settings.scenario is not None:
        name = read_scenario(settings.scenario, catalogue).name
        asked.append(("scenario", name, world.scenario.name))
    if settings.universe is not None:
        asked.append(("universe", read_captured(settings.universe)[1], world.universe))
    for option, wanted, stored in asked:
        if wanted != stored:
            raise UsageError(
                f"{settings.data_dir} holds a world of another {option} ({stored or 'made up'}); "
                f"start it without --{option}, or choose another --data-dir."
            )


def derived_key(seed: int) -> bytes:
    """Make the signing key of a world that is kept in memory only."""
    return blake2b(f"fleet simulator {seed}".encode(), digest_size=32).digest()
