"""Waiting in one's own thread for a game time: for API workers, who may block."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fleet.protocol.clock import GameTime
from fleet.runtime import GameClock

LONGEST = 2.0
"""Wall seconds after which a wait ends in any case: the game may stand still."""


def game_wait(clock: GameClock) -> Callable[[GameTime], None]:
    """Make a function that waits until the game clock has reached a time, in its own thread."""

    def wait_until(moment: GameTime) -> None:
        left = min(LONGEST, clock.until(moment))
        if left > 0:
            # A bare lock that nobody opens: an Event costs ten times as much to make and wait at.
            closed = threading.Lock()
            closed.acquire()
            closed.acquire(timeout=left)

    return wait_until
