"""What a simulator needs of whoever keeps its commands."""

from __future__ import annotations

from typing import Protocol

from fleet.protocol.clock import GameTime
from fleet.simulator.command import Command
from fleet.simulator.world.world import World


class Log(Protocol):
    """Where commands are kept before their answers leave."""

    def append(self, command: Command) -> None:
        """Keep one command. Raises OSError."""
        ...

    def mark(self, now: GameTime) -> None:
        """Remember that an answer of this game time leaves."""
        ...

    def save(self, world: World, now: GameTime) -> None:
        """Keep the whole world, and no commands before it. Raises OSError."""
        ...


class NoLog:
    """Keeps nothing: for worlds in memory."""

    def append(self, command: Command) -> None:
        """Forget the command."""

    def mark(self, now: GameTime) -> None:
        """Forget the time."""

    def save(self, world: World, now: GameTime) -> None:
        """Forget the world."""
