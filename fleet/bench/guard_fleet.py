"""A real fleet under measurement: started, hit, looked at from outside, and stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from fleet.control.client import ControlClient
from fleet.protocol.clock import from_iso
from fleet.protocol.errors import FleetError, SetupError
from fleet.supervision.event_log import LOG_NAME

SCENARIO: Final = "late"
SPEED: Final = 60
PATIENCE: Final = 60.0
"""Wall seconds after which something is held not to happen."""

LOOK: Final = 0.02
"""Wall seconds between two looks, which is what a measured time may be too long."""

Found = TypeVar("Found")


class MeasuredFleet:
    """One headless `fleet run` in a folder of its own between enter and exit."""

    def __init__(self, folder: Path) -> None:
        """Name the folder, which must not exist yet."""
        self.folder = folder
        self._summary = folder.with_name(f"{folder.name}-summary.json")
        self._output = folder.with_name(f"{folder.name}-output.txt")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it plays. Raises SetupError."""
        command = [sys.executable, "-m", "fleet", "run", "--headless", "--seed", "1"]
        command += ["--scenario", SCENARIO, "--speed", str(SPEED)]
        command += ["--data-dir", str(self.folder), "--summary", str(self._summary)]
        ours = ("FLEET_", "SPACETRADERS_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.playing(after=0)
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what is left of it; its children end with it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> dict[str, Any]:
        """Press Ctrl-C and read the summary. Raises SetupError when there is none."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE)
        try:
            told: dict[str, Any] = json.loads(self._summary.read_bytes())
        except OSError as error:
            raise SetupError(f"no summary was written: {error}") from None
        return told

    def call(self, do: str, **arguments: Any) -> Any:
        """Ask over the control socket. Raises FleetError."""
        return ControlClient(self.folder).call(do, **arguments)

    def ships(self, count: int) -> list[str]:
        """Wait until so many ships' actors are there, which start one by one; list their paths."""

        def look() -> list[str] | None:
            paths = [str(actor["path"]) for actor in self.call("actors")]
            ships = [path for path in paths if path.startswith("/fleet/ships/")]
            return ships[:count] if len(ships) >= count else None

        return self.eventually(look, f"there are no {count} ships")

    def playing(self, after: int) -> int:
        """Wait until a runtime younger than an epoch has sent requests; tell its epoch."""

        def look() -> int | None:
            with suppress(FleetError):
                told = self.call("status")
                epoch = int(told["process"]["epoch"])
                return epoch if epoch > after and told["requests"]["total"] > 0 else None
            return None

        return self.eventually(look, "the fleet does not play")

    def events(self, name: str) -> Iterator[dict[str, Any]]:
        """Read what the log tells under a name."""
        # A line that is being written ends without a newline.
        *lines, _ = (self.folder / LOG_NAME).read_bytes().split(b"\n")
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            if record["event"] == name:
                yield record

    def until(self, name: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait until the log tells something so many times."""

        def look() -> list[dict[str, Any]] | None:
            found = list(self.events(name))
            return found if len(found) >= times else None

        return self.eventually(look, f"{name} did not come {times} times")

    def eventually(self, look: Callable[[], Found | None], what: str) -> Found:
        """Wait until a look finds something. Raises SetupError when it takes too long."""
        end = time.monotonic() + PATIENCE
        while (found := look()) is None:
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > end:
                raise SetupError(f"{what}: {self._output.read_text()[-300:]}")
            time.sleep(LOOK)
        return found


def moment(record: dict[str, Any]) -> float:
    """Tell when a line of the log was written, in wall seconds."""
    return from_iso(record["t"])
