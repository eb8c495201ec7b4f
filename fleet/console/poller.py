"""Asks the fleet for its status again and again, beside the thread that draws."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fleet.protocol.errors import FleetError
from fleet.status import Status

ANSWER_SECONDS = 3.0
"""Wall seconds that one answer may take."""


class Asker(Protocol):
    """Whatever can be asked for a status: a ControlClient."""

    def call_for(self, kind: type[Status], do: str, *, timeout: float) -> Status:
        """Ask; raises FleetError."""
        ...


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
        self,
        client: Asker,
        *,
        refresh: float,
        on_change: Callable[[], None],
        absent: type[Exception],
    ) -> None:
        """Ask each `refresh` wall seconds; `absent` is raised where no fleet runs."""
        self._client = client
        self._refresh = refresh
        self._on_change = on_change
        self._absent = absent
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
            status = self._client.call_for(Status, "status", timeout=ANSWER_SECONDS)
        except FleetError as error:
            running = not isinstance(error, self._absent)
            self.seen = Seen(self.seen.status, str(error), running)
        else:
            self.seen = Seen(status, running=True)
        return self.seen

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.ask()
            self._on_change()
            self._stopping.wait(self._refresh)
