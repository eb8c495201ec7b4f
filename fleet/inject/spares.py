"""Keeps a process ready whose imports are done, so that a script begins at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from fleet.inject.host_process import Gone, HostProcess
from fleet.protocol.errors import FleetError


class Spares:
    """One spare process; used from several threads."""

    def __init__(self, make: Callable[[], HostProcess]) -> None:
        """Say how to start one; nothing is started yet."""
        self._make = make
        self._spare: HostProcess | None = None
        self._lock = threading.Lock()
        self._closed = False

    def warm(self) -> None:
        """Start a spare where there is none, and wait until it is ready; may take seconds."""
        with self._lock:
            if self._closed or self._spare is not None:
                return
            try:
                spare = self._spare = self._make()
            except OSError:
                return
        with suppress(Gone):
            spare.warm_up()

    def warm_aside(self) -> None:
        """Do that in a thread of its own."""
        threading.Thread(target=self.warm, name="spare", daemon=True).start()

    def take(self) -> HostProcess:
        """Give a process, the spare if there is one. Raises FleetError."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and not spare.alive:
            spare.finish()
            spare = None
        try:
            return spare or self._make()
        except OSError as error:
            raise FleetError(f"No process can be started for a script: {error.strerror}.") from None

    def close(self) -> None:
        """End the spare; none is started from now on."""
        with self._lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.finish()
