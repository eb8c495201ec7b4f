"""A whole fleet over HTTP, with what its runtime process spends."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fleet.cli._sim_door import Door
from fleet.control.client import ControlClient
from fleet.protocol.errors import FleetError, SetupError

BOOT = 60.0
"""Wall seconds within which it has to play."""

STOP = 30.0
LOOK = 0.2
SETTLED = 120.0
"""Game seconds after which the lanes are full, and from which the CPU time counts."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of a process, and requests that it had sent by then."""

    seconds: float
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run came to."""

    summary: Mapping[str, Any]
    cpu_per_request: float | None
    """Seconds; None where it could not be measured."""

    @property
    def minutes(self) -> int:
        """Saturated game minutes."""
        return int(self.summary["saturated_minutes"])

    @property
    def share(self) -> float:
        """Per cent of the allowance that was used in them."""
        return 100.0 * float(self.summary["allowance_share"])

    @property
    def limited(self) -> float:
        """Per cent of the requests that were answered 429."""
        return 100.0 * float(self.summary["requests_429"]) / max(1, int(self.summary["requests"]))


class PlayedFleet:
    """One headless `fleet run` of a scenario, in the background until `wait`."""

    def __init__(
        self,
        folder: Path,
        *,
        speed: int,
        game_seconds: float,
        fault: str = "",
        flags: Sequence[str] = (),
    ) -> None:
        """Start it, with further flags. It stops by itself when the game time is over."""
        self._folder, self._speed, self._fault = folder, speed, fault
        self._game = game_seconds
        self._summary = folder.with_name(f"{folder.name}.json")
        self._output = folder.with_name(f"{folder.name}.txt")
        command = [sys.executable, "-m", "fleet", "run", "--headless", "--seed", "1"]
        command += ["--scenario", "late", "--speed", str(speed), "--game", f"{game_seconds:g}"]
        command += ["--data-dir", str(folder), "--summary", str(self._summary), *flags]
        ours = ("FLEET_", "SPACETRADERS_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._first: Spent | None = None
        self._seconds = 0.0
        """CPU time at the last look."""

        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def wait(self) -> Played:
        """Wait for its end. Raises SetupError when it ended badly."""
        limit = BOOT + self._game / self._speed + STOP
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watcher.join(STOP)
        if self._process.returncode or not self._summary.exists():
            text = self._output.read_text(errors="replace")[-300:]
            raise SetupError(f"the fleet ended with {self._process.returncode}: {text}")
        summary = json.loads(self._summary.read_bytes())
        first, cpu = self._first, None
        if first is not None and summary["requests"] > first.requests:
            cpu = (self._seconds - first.seconds) / (summary["requests"] - first.requests)
        return Played(summary=summary, cpu_per_request=cpu)

    def _watch(self) -> None:
        """Arm the fault when there is a simulator, and look at the CPU time until the end."""
        armed = not self._fault
        plays: float | None = None
        while self._process.poll() is None:
            time.sleep(LOOK)
            with contextlib.suppress(FleetError, psutil.Error, OSError, StopIteration):
                if not armed:
                    Door.find(None, self._folder).arm(self._fault, None)
                    armed = True
                self._seconds = self._spent()
                if plays is None and self._requests():
                    plays = time.monotonic()
                settled = plays is not None and time.monotonic() - plays > SETTLED / self._speed
                if settled and self._first is None:
                    self._first = Spent(self._spent(), self._requests())

    def _spent(self) -> float:
        """Tell the CPU seconds of the runtime's process so far."""
        children = psutil.Process(self._process.pid).children()
        times = next(one for one in children if "runtime" in one.cmdline()).cpu_times()
        return times.user + times.system

    def _requests(self) -> int:
        return int(ControlClient(self._folder).call("status")["requests"]["total"])
