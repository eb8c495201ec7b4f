"""Asks the fleet for its status again and again, beside the thread that draws."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from fleet.control.client import NotRunning
from fleet.protocol.errors import FleetError
from fleet.status import Status


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the fleet."""

    status: Status | None = None
    """The last status; None before the first."""

    failure: str = ""
    """Why the last question got no answer, as a sentence; empty if it got one."""

    running: bool = False
    """Whether there is a fleet, even if it doesn't answer."""


class Poller:
    """A daemon thread that keeps the newest status; read from any thread."""

    def __init__(
        self, question: Callable[[], Status], *, refresh: float, on_change: Callable[[], None]
    ) -> None:
        """Ask each `refresh` wall seconds; the question raises FleetError without an answer."""
        self._question = question
        self._refresh = refresh
        self._on_change = on_change
        self._stopping = threading.Event()
        self.seen = Seen()
        """Replaced whole, so that readers need no lock."""

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._run, name="poller", daemon=True).start()

    def stop(self) -> None:
        """Ask no more; does not wait for an answer that is under way."""
        self._stopping.set()

    def ask(self) -> Seen:
        """Ask once, in the calling thread."""
        try:
            status = self._question()
        except FleetError as error:
            running = not isinstance(error, NotRunning)
            self.seen = Seen(self.seen.status, str(error), running)
        else:
            self.seen = Seen(status, running=True)
        return self.seen

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.ask()
            self._on_change()
            self._stopping.wait(self._refresh)
