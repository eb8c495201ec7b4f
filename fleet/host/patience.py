"""Lets a run that goes on wait for what its fresh process needs: an outage must not end a fleet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fleet.host.server_watch import ask_status
from fleet.protocol.errors import Unreachable
from fleet.protocol.transport import Transport
from fleet.storage.errors import StoreUnavailable
from fleet.supervision.guard.lifeline import Lifeline

T = TypeVar("T")

PAUSE = 0.5
"""Wall seconds between two tries, and between two signs of life."""

PATIENCE = 5.0
"""Wall seconds until the guard is told that this may take longer than a start may."""


def patiently(
    attempt: Callable[[], T],
    lifeline: Lifeline,
    stopped: Callable[[], bool],
    monotonic: Callable[[], float],
    *,
    pause: float = PAUSE,
    patience: float = PATIENCE,
) -> T | None:
    """Try until what is needed is there; None when the process was told to stop instead.

    Raises what waiting can't help against.
    """
    clock, begun, told = threading.Event(), monotonic(), False
    with _beating(lifeline, pause):
        while not stopped():
            try:
                return attempt()
            except (Unreachable, StoreUnavailable) as failure:
                if not told and monotonic() - begun >= patience:
                    lifeline.ready({"waits_for": str(failure)[:500]})
                    told = True
            clock.wait(pause)
    return None


def check_api(transport: Transport) -> None:
    """Ask the server for its status, which maintenance hides. Raises Unreachable."""
    if ask_status(transport) is None:
        raise Unreachable("The API does not show its status.")


@contextmanager
def _beating(lifeline: Lifeline, pause: float) -> Iterator[None]:
    """Show the guard that this process lives: one try may take longer than a beat may."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(pause):
            lifeline.beat()

    thread = threading.Thread(target=beat, name="patience", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
