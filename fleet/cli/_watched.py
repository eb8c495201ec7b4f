"""Loads a script again whenever its file is saved, and tells when it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import typer

from fleet.control.client import ControlClient, NotRunning
from fleet.protocol.errors import FleetError

LOOK: Final = 0.3
"""Wall seconds between two looks at the file."""

ASK_EVERY: Final = 4
"""Looks at the file for each one at the fleet, which has better things to do."""

Stamp = tuple[int, int]
"""When a file was saved, and its size."""


def stamp_of(script: Path) -> Stamp | None:
    """Tell a file's stamp; None while there is none, as in the middle of being saved."""
    try:
        found = script.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class Watched:
    """One script in a running fleet, as whoever writes it sees it."""

    def __init__(self, client: ControlClient, name: str, script: Path, seen: Stamp | None) -> None:
        self._client = client
        self._name = name
        self._script = script
        self._seen = seen
        self._over = False

    def follow(self, load: Callable[[], None]) -> None:
        """Load it after each save; a broken one leaves the last one running.

        Goes on until Ctrl-C. Raises NotRunning when the fleet has ended.
        """
        pause = threading.Event()
        while True:
            for _ in range(ASK_EVERY):
                pause.wait(LOOK)
                self._look(load)
            self._ask()

    def _look(self, load: Callable[[], None]) -> None:
        now = stamp_of(self._script)
        if now is None or now == self._seen:
            return
        self._seen = now
        try:
            load()
            self._over = False
        except FleetError as failure:
            typer.echo(f"fleet: {failure}", err=True)

    def _ask(self) -> None:
        """Tell once that it has ended, and why."""
        try:
            rows: list[dict[str, Any]] = self._client.call("experiments")
        except NotRunning:
            raise
        except FleetError:
            # Too busy to answer, or just being started anew: the next look tells.
            return
        mine = [row for row in rows if row["name"] == self._name]
        if self._over or (mine and mine[-1]["state"] != "ended"):
            return
        self._over = True
        why = mine[-1]["outcome"] if mine else "the runtime was started anew"
        typer.echo(f"fleet: {self._name} is over: {why}. Save {self._script} to load it.", err=True)
