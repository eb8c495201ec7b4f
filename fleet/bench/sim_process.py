"""A simulator in a process of its own, to be measured from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from fleet.bench.crowd_play import Places, Step, find_places, play

START_PATIENCE = 20.0
STOP_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server process and where it listens."""

    url: str
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def get(self, path: str, **how: Any) -> Any:
        """Ask for a JSON document. Raises requests.RequestException."""
        answer = requests.get(f"{self.url}{path}", timeout=START_PATIENCE, **how)
        answer.raise_for_status()
        return answer.json()

    def cpu(self) -> float:
        """CPU seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss(self) -> float:
        """Resident memory in megabytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def served(command: list[str]) -> Iterator[Served]:
    """Run a server that prints its address first, until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise ChildProcessError(f"{' '.join(command[:5])} ended before it served")
        yield Served(address.removesuffix("/v2"), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def simulator(folder: Path, *options: str, profile: Path | None = None) -> list[str]:
    """Write the command that serves a simulator on a free port."""
    profiled = ["-m", "cProfile", "-o", str(profile)] if profile else []
    wanted = ["--port", "0", "--data-dir", str(folder), "--limits", "off"]
    return [sys.executable, *profiled, "-m", "fleet", "sim", *wanted, *options]


def crowd_plays(server: Served) -> list[list[Step]]:
    """Write down what each agent of the scenario `crowd` will send."""
    tokens: dict[str, str] = server.get("/sim/tokens")["tokens"]
    first = next(iter(tokens))
    places = crowd_places(server, first, tokens[first])
    return [play(agent, token, places) for agent, token in tokens.items()]


def crowd_places(server: Served, agent: str, token: str) -> Places:
    """Find out where the crowd lives."""
    head = {"Authorization": f"Bearer {token}"}
    home = server.get("/v2/my/agent", headers=head)["data"]["headquarters"]
    yard = server.get(f"/v2/my/ships/{agent}-2/nav", headers=head)["data"]["waypointSymbol"]
    system = home.rpartition("-")[0]
    found = server.get(f"/v2/systems/{system}")["data"]["waypoints"]
    return find_places(found, home, yard)
