"""Waits for an API that is away while a run goes on: maintenance must not end a fleet."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fleet.host.server_watch import ask_status
from fleet.protocol.transport import Transport
from fleet.supervision.guard.lifeline import Lifeline

PAUSE = 0.5
"""Wall seconds between two looks; each is a sign of life as well."""

PATIENCE = 10
"""Looks before the guard is told that this may take longer than a start may."""


def wait_for_api(
    transport: Transport, lifeline: Lifeline, stopped: Callable[[], bool], *, pause: float = PAUSE
) -> bool:
    """Wait until the server shows its status; False when the process was told to stop instead."""
    clock, looks = threading.Event(), 0
    while ask_status(transport) is None:
        if stopped():
            return False
        looks += 1
        if looks == PATIENCE:
            lifeline.ready({"waits_for": "the API"})
        lifeline.beat()
        clock.wait(pause)
    return True
