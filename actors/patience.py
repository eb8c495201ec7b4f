"""How long a ship waits before it tries again what has just failed."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.clock import GameTime

LEAST = 5.0
MOST = 600.0
"""Game seconds before the first try after a failure, and at most before a later one."""

CALM = 4
"""Refusals in a row that a behaviour may answer at once: several are a matter of course."""

LONGEST_REFUSED = 60.0


@dataclass(slots=True)
class Patience:
    """Counts what failed in a row. Used in the ship's own thread; all of it game seconds."""

    failures: int = 0
    """Reads of the ship that brought nothing."""

    refusals: int = 0
    """Refusals since anything was done."""

    def try_again(self, now: GameTime) -> GameTime:
        """Take note of a failed read, and tell when to try the next: later each time.

        It goes before everybody else's requests: a ship that the server cannot show would use
        up the allowance of all others.
        """
        self.failures += 1
        return GameTime(now + min(MOST, LEAST * 2 ** min(self.failures - 1, 16)))

    def refused(self) -> float:
        """Take note of a refusal, and tell how long to wait before the script hears of it.

        A script that goes on with the same after a refusal would do so at full speed.
        """
        self.refusals += 1
        beyond = self.refusals - CALM
        return 0.0 if beyond <= 0 else min(LONGEST_REFUSED, 2.0 ** min(beyond - 1, 16))

    def done(self, *, mutating: bool) -> None:
        """Take note that something worked."""
        self.failures = 0
        if mutating:
            self.refusals = 0
