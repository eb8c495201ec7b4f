"""How far the server's stamps are from our clock, where no bounds of the way could contain it."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.actors.limits import TICK
from fleet.protocol.clock import GameTime

CLOSE = 1.0
"""Game seconds. A difference below this is a part of the ways, like latency; a fit of the clock is
mostly far better."""


@dataclass(slots=True)
class ClockGap:
    """What is taken off the server's times before they are compared with ours; game seconds."""

    seconds: float = 0.0

    def ours(self, theirs: GameTime) -> GameTime:
        """Tell by our clock when something was, or will be, by the server's."""
        return GameTime(theirs - self.seconds)

    def is_wrong(
        self, sent: GameTime, answered: GameTime, begun: GameTime, *, opened: bool, lasts: float
    ) -> bool:
        """Whether an answer proves that the clocks are farther apart than was known.

        A window that began at `begun`, by our clock as far as is known, and `lasts` so long got a
        request that arrived between its sending and its answer. One that was held up for long
        proves nothing.
        """
        latest = begun + TICK + (0.0 if opened else lasts)
        return begun - answered > CLOSE or latest - sent < -CLOSE

    def follow(self, sent: GameTime, begun: GameTime) -> None:
        """Take a request's way for none: those of others then differ by no more than they do."""
        self.seconds += begun - sent
