"""Work at the pace of a running fleet: what waits in between finds its caches cold.

On the machines looked at the same code takes more than half as long again as without a pause.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SPEED = 60.0
STEP = 0.4
"""Game seconds: about one request at the full allowance."""


def paced(rounds: int, play: Callable[[], None]) -> float:
    """Do something once per request of a fleet at speed 60; tell the CPU seconds of all rounds."""
    began, cpu = time.monotonic(), time.process_time()
    for number in range(1, rounds + 1):
        play()
        time.sleep(max(0.0, began + number * STEP / SPEED - time.monotonic()))
    return time.process_time() - cpu
