"""Locks of ships, for worlds whose commands refuse each other instead of waiting."""

from __future__ import annotations

from fleet.protocol.clock import GameTime
from fleet.simulator.refusals import Refusal

MOST_REMEMBERED = 10_000


class Locks:
    """Which ships are busy with a command, and until when; lives in the simulator's thread."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def take(self, ship: str, now: GameTime, seconds: float) -> None:
        """Lock a ship for so many game seconds. Raises Refusal 409 while it is locked.

        That only commands lock is official, the text is seen by one client; how long is guessed.
        """
        if now < self._until.get(ship, 0.0):
            raise locked(ship)
        if len(self._until) >= MOST_REMEMBERED:
            self._until = {key: end for key, end in self._until.items() if now < end}
        self._until[ship] = now + seconds


def locked(ship: str) -> Refusal:
    """Say that another command to the ship is being handled."""
    return Refusal(
        409,
        f"Ship {ship} is currently locked while processing another request. Concurrent "
        "requests to control a ship are not supported.",
        {"shipSymbol": ship},
    )
