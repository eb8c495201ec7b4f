from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .fleet_process import FleetProcess
from .sim_process import SimProcess
from .wiretap import Wiretap


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder for a fleet, which does not exist yet."""
    return tmp_path / "fleet"


@pytest.fixture
def fleets() -> Iterator[Callable[..., FleetProcess]]:
    """Starts fleets; whatever is left of them after the test is killed."""
    started: list[FleetProcess] = []

    def start(data_dir: Path, *arguments: str, **options: Any) -> FleetProcess:
        started.append(FleetProcess(data_dir, *arguments, **options))
        return started[-1]

    yield start
    for fleet in started:
        fleet.end()


@pytest.fixture
def simulators() -> Iterator[Callable[..., SimProcess]]:
    """Starts simulators of their own."""
    started: list[SimProcess] = []

    def start(data_dir: Path, *arguments: str) -> SimProcess:
        started.append(SimProcess(data_dir, *arguments))
        return started[-1]

    yield start
    for simulator in started:
        simulator.end()


@pytest.fixture
def wiretaps() -> Iterator[Callable[[str], Wiretap]]:
    """Listens in on servers."""
    started: list[Wiretap] = []

    def start(url: str) -> Wiretap:
        started.append(Wiretap(url))
        return started[-1]

    yield start
    for wiretap in started:
        wiretap.close()
