"""Puts a simulator together: a new world, or a stored one with its log replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fleet.protocol.clock import GameTime
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import (
    RunningClock,
    SimClock,
    VirtualClock,
    WallFacedClock,
    civil,
    instant,
)
from fleet.simulator.command import Command
from fleet.simulator.genesis import check_same, derived_key, new_world
from fleet.simulator.keeper import Keeper, unwritable
from fleet.simulator.population import populate
from fleet.simulator.rebirth import rebirth
from fleet.simulator.settings import SimSettings
from fleet.simulator.simulator import Simulator
from fleet.simulator.world.world import World

MakeClock = Callable[[GameTime], SimClock]


@dataclass(frozen=True, slots=True)
class Opened:
    """A simulator at work on a folder, and the keeper of that folder."""

    simulator: Simulator
    keeper: Keeper

    def save(self) -> None:
        """Write a snapshot of the world as it stands. Raises OSError."""
        self.keeper.save(self.simulator.galaxy.stored(), self.simulator.clock.now())


def in_memory(settings: SimSettings, clock: SimClock) -> Simulator:
    """Make a new world that nothing outlives; in virtual time, pass a VirtualClock.

    Raises UsageError or SetupError for settings that can't be met.
    """
    catalogue, now = Catalogue(), clock.now()
    world = new_world(settings, catalogue, now)
    simulator = Simulator(
        world,
        clock=clock,
        catalogue=catalogue,
        key=derived_key(world.seed),
        limits=settings.limits,
        strict=settings.strict,
        rebirth=rebirth(settings, catalogue),
        scheduled=settings.resets == "scheduled",
    )
    populate(simulator, now)
    return simulator


def make_clock(settings: SimSettings) -> MakeClock:
    """Choose the clock that the settings ask for."""
    kind = RunningClock if settings.clock == "game" else WallFacedClock
    return lambda start: kind(start, settings.speed)


def open_world(settings: SimSettings, clock: MakeClock) -> Opened:
    """Open the world of a folder, or make it there.

    Its time goes on from the last answer that was given. Raises UsageError or SetupError.
    """
    if settings.data_dir is None:
        raise ValueError("open_world needs a data_dir")
    keeper = Keeper.open(settings.data_dir)
    try:
        return resume(settings, clock, keeper)
    except OSError as error:
        # The disk has no room for a new world, or the folder is not ours.
        keeper.close()
        raise unwritable(settings.data_dir, error) from error
    except BaseException:
        keeper.close()
        raise


def standing(world: World, now: GameTime, catalogue: Catalogue, key: bytes) -> Simulator:
    """Make a simulator whose time stands still, to bring a world to the present with."""
    return Simulator(world, clock=VirtualClock(now), catalogue=catalogue, key=key, limits="off")


def caught_up(
    world: World, commands: Iterable[Command], now: GameTime, catalogue: Catalogue, key: bytes
) -> Simulator:
    """Run the commands of a log again that came after a snapshot."""
    simulator = standing(world, now, catalogue, key)
    for command in commands:
        simulator.replay(command)
    return simulator


def resume(settings: SimSettings, clock: MakeClock, keeper: Keeper) -> Opened:
    """Load or make the world, replay its log, and start its clock."""
    catalogue, key = Catalogue(), keeper.key()
    world, commands, last = keeper.load()
    if world is None:
        last = instant(civil())
        world = new_world(settings, catalogue, last)
        past = standing(world, last, catalogue, key)
        populate(past, last)
        keeper.save(past.galaxy.stored(), last)
    else:
        check_same(world, settings, catalogue)
        # The clock starts only after the replay, which takes time of its own.
        past = caught_up(world, commands, last, catalogue, key)
    world = past.galaxy.stored()
    simulator = Simulator(
        world,
        clock=clock(last),
        catalogue=catalogue,
        key=key,
        limits=settings.limits,
        strict=settings.strict,
        rebirth=rebirth(settings, catalogue),
        scheduled=settings.resets == "scheduled",
        log=keeper,
    )
    return Opened(simulator, keeper)
