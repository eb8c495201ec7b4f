"""The fleet of a soak: two hundred ships in a headless `fleet run`, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

import psutil

from fleet.control.client import ControlClient
from fleet.protocol.errors import FleetError, SetupError
from fleet.supervision.event_log import LOG_NAME
from fleet.supervision.rotation import generations

PATIENCE: Final = 90.0
MB: Final = 1 << 20


def scenario_file(folder: Path, ships: int) -> Path:
    """Write the scenario `late` with so many ships in place of its hundred."""
    source = files("fleet.simulator").joinpath("data/scenarios/late.json")
    scenario = json.loads(source.read_text())
    count = sum(group["count"] for group in scenario["ships"])
    for group in scenario["ships"]:
        group["count"] = round(group["count"] * ships / count)
    scenario["name"] = f"late-{ships}"
    path = folder / f"late-{ships}.json"
    path.write_text(json.dumps(scenario))
    return path


class SoakFleet:
    """One run between enter and exit; `stop` ends it in order."""

    def __init__(
        self, folder: Path, *, ships: int, speed: float, lasts: float, workers: int = 4
    ) -> None:
        """Choose a folder, which gets the fleet's own and what belongs to the run.

        After `lasts` wall seconds it ends by itself, should whoever measures be killed.
        """
        self.data_dir = folder / "fleet"
        self._summary = folder / "summary.json"
        self._output = folder / "output.txt"
        self._command = [sys.executable, "-m", "fleet", "run", "--headless", "--seed", "1"]
        self._command += ["--scenario", str(scenario_file(folder, ships)), "--speed", f"{speed:g}"]
        self._command += ["--for", f"{lasts:.0f}s", "--ships", str(ships)]
        self._command += ["--workers", str(workers)]
        self._command += ["--log-size", "64MiB", "--log-keep", "20"]
        self._command += ["--data-dir", str(self.data_dir), "--summary", str(self._summary)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it plays. Raises SetupError."""
        ours = ("FLEET_", "SPACETRADERS_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self._command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        end = time.monotonic() + PATIENCE
        while self.call("status") is None:
            if self._process.poll() is not None or time.monotonic() > end:
                raise SetupError(f"the fleet did not start: {self._output.read_text()[-500:]}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what is left of it; its children end with it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> dict[str, Any]:
        """Stop it in order and read the summary. Raises SetupError when there is none."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
        try:
            told: dict[str, Any] = json.loads(self._summary.read_bytes())
        except OSError as error:
            raise SetupError(f"no summary was written: {error}") from None
        return told

    def call(self, do: str, **arguments: Any) -> Any:
        """Ask over the control socket; None when nobody answers, as during a restart."""
        with suppress(FleetError):
            return ControlClient(self.data_dir).call(do, **arguments)
        return None

    def actors(self, *, at_least: int) -> list[str]:
        """List the actors without children as soon as there are so many. Raises SetupError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            rows = self.call("actors") or []
            parents = {row["parent"] for row in rows}
            found = sorted(row["path"] for row in rows if row["path"] not in parents)
            if len(found) >= at_least:
                return found
            time.sleep(0.2)
        raise SetupError(f"the fleet has not started {at_least} actors")

    def processes(self) -> list[psutil.Process]:
        """List the parent and its children that run now."""
        assert self._process is not None
        with suppress(psutil.Error):
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def rss(self) -> float:
        """Add up the resident memory of all processes, in MB; shared pages count in each."""
        total = 0
        for process in self.processes():
            with suppress(psutil.Error):
                total += process.memory_info().rss
        return total / MB

    def describe(self) -> list[tuple[str, float]]:
        """Name each process by what it was started as, with its resident memory in MB."""
        found = []
        for process in self.processes():
            with suppress(psutil.Error):
                found.append((_name(process.cmdline()), process.memory_info().rss / MB))
        return found

    def sizes(self) -> dict[str, float]:
        """Add up the resident memory of the processes of each name, in MB."""
        sizes: dict[str, float] = {}
        for name, megabytes in self.describe():
            sizes[name] = sizes.get(name, 0.0) + megabytes
        return sizes

    def cpu_seconds(self) -> float:
        """Add up what all live processes have computed."""
        total = 0.0
        for process in self.processes():
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Read the supervision log, oldest line first."""
        for path in generations(self.data_dir / LOG_NAME):
            with path.open("rb") as lines:
                for line in lines:
                    with suppress(ValueError):
                        yield json.loads(line)


def _name(words: list[str]) -> str:
    """Tell from the words that a process was started with what it is of a fleet."""
    if "child" in words:
        return words[words.index("child") + 1]
    # The runtime keeps one warm for the next script.
    return "host of experiments" if "fleet.inject" in words else "guard"
