"""`fleet chaos --script`: plays a script of faults on a running fleet, and tells of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from fleet.chaos_kinds import told
from fleet.chaos_script import Strike, read_script
from fleet.cli.output import print_json
from fleet.control.client import ControlClient
from fleet.durations import show_duration
from fleet.protocol.clock import Clock
from fleet.protocol.errors import FleetError, SetupError
from fleet.runtime.clocks import SystemClock

PATIENCE: Final = 20.0
"""Wall seconds in which a fault is offered again: a runtime that is started anew takes none."""

AGAIN: Final = 0.5
"""Wall seconds between two offers."""

T = TypeVar("T")


def play_script(client: ControlClient, file: Path, seed: int, *, as_json: bool) -> None:
    """Play it to its end, or until Ctrl-C. Raises FleetError when faults were not taken."""
    wait = threading.Event().wait
    player = Player(client, read_script(file), seed, SystemClock(), wait, quiet=as_json)
    # Before anything waits: somebody must be there.
    player.paths()
    with suppress(KeyboardInterrupt):
        player.play()
    if as_json:
        print_json(player.taken)
    if player.refused:
        raise FleetError(
            f"{player.refused} of the {player.struck} faults of {file} were not taken; what was "
            "said about each stands above."
        )


@dataclass(slots=True)
class Player:
    """Offers each strike at its time; in the command's own thread."""

    client: ControlClient
    strikes: Sequence[Strike]
    seed: int
    clock: Clock
    wait: Callable[[float], object]
    """Lets wall seconds pass."""

    quiet: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    """What the fleet has begun: the moment, and what was asked for."""

    struck: int = 0
    """Strikes whose moment has come."""

    refused: int = 0
    """Those among them that the fleet did not take."""

    def paths(self) -> list[str]:
        """List the actors that there are. Raises FleetError."""
        return [row["path"] for row in self.client.call("actors")]

    def play(self) -> None:
        """Wait for each moment and strike; what nobody takes is told, and the rest goes on."""
        began = self.clock.monotonic()
        for strike in self.strikes:
            self.wait(max(0.0, began + strike.at - self.clock.monotonic()))
            self.struck += 1
            try:
                paths = self._offered(self.paths) if strike.some else []
                for arguments in strike.aimed(paths, self.seed):
                    self._strike(arguments, began)
            except FleetError as refusal:
                self.refused += 1
                typer.echo(f"{show_duration(strike.at)}  {refusal}", err=True)

    def _strike(self, arguments: dict[str, Any], began: float) -> None:
        done = self._offered(lambda: self.client.call("chaos", **arguments))
        at = self.clock.monotonic() - began
        self.taken.append({"at": round(at, 1), **arguments, "actors": done["actors"]})
        if not self.quiet:
            for line in told(arguments["kind"], done["actors"], arguments["seconds"]):
                typer.echo(f"{show_duration(at)}  {line}")

    def _offered(self, ask: Callable[[], T]) -> T:
        """Ask, and again while nobody answers. Raises FleetError."""
        until = self.clock.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except SetupError:
                if self.clock.monotonic() >= until:
                    raise
            self.wait(AGAIN)
