"""A heartbeat out of an event loop: it stops when the loop does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

PERIOD: Final = 0.25
"""Wall seconds between two beats."""


def beat_from(loop: asyncio.AbstractEventLoop, beat: Callable[[], None]) -> None:
    """Call `beat` again and again for as long as the loop runs; call it in the loop's thread."""
    beat()
    loop.call_later(PERIOD, beat_from, loop, beat)
