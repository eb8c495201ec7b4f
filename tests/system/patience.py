"""How tests of real processes wait: they look until something is so, and never just sleep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from fleet.runtime.clocks import SystemClock

CLOCK: Final = SystemClock()
PATIENCE: Final = 60.0
"""Wall seconds after which something is held not to happen; generous, for a busy machine."""

LOOK: Final = 0.01
"""Wall seconds between two looks."""

Found = TypeVar("Found")


def eventually(
    found: Callable[[], Found | None], what: Callable[[], str], timeout: float = PATIENCE
) -> Found:
    """Look until something is found; fails with `what` when it takes too long."""
    pause, end = threading.Event(), CLOCK.monotonic() + timeout
    while not (value := found()):
        assert CLOCK.monotonic() < end, what()
        pause.wait(LOOK)
    return value
