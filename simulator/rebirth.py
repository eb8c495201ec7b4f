"""The universe after a reset: another one, of the same making."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.genesis import new_world
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules.resets import new_reset_date
from fleet.simulator.settings import MOST_SEED, SimSettings
from fleet.simulator.world.agent import Account
from fleet.simulator.world.world import World

Rebirth = Callable[[World, GameTime, int | None], None]


def rebirth(settings: SimSettings, catalogue: Catalogue) -> Rebirth:
    """Make the function that puts a new universe in the place of the old one.

    Accounts outlive it; agents, ships and tokens don't (official). Without a seed it takes the
    next one.
    """

    def replace(world: World, now: GameTime, seed: int | None) -> None:
        if world.universe and settings.universe is None:
            text = "This world was loaded from a file; start it with --universe to reset it."
            raise Refusal(422, text)
        wanted = (world.seed + 1) % (MOST_SEED + 1) if seed is None else seed
        size = None if world.universe else world.size
        wished = msgspec.structs.replace(settings, seed=wanted, rules=world.rules, systems=size)
        fresh = new_world(wished, catalogue, now)
        fresh.scenario = world.scenario
        fresh.first_seed = world.seed if world.first_seed is None else world.first_seed
        fresh.reset_date = new_reset_date(world.reset_date, now)
        kept = {key: Account(key, row.created) for key, row in world.accounts.items()}
        fresh.accounts = kept | fresh.accounts
        # In place: everybody who holds the world holds the new one.
        for name in World.__struct_fields__:
            setattr(world, name, getattr(fresh, name))

    return replace
