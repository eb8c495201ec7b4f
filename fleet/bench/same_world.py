"""A script of calls that must lead to the same world on every Python.

`python -m fleet.bench.same_world` prints the digest of the world at its end.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fleet
from fleet.bench.actions import World
from fleet.bench.figure import Figure, at_least
from fleet.bench.plan import Plan
from fleet.simulator.universe.stars import REAL_SIZE

VERSIONS = ("3.11", "3.12", "3.13")
REQUESTS = 8_200
PATIENCE = 120.0


def digest() -> str:
    """Play the crowd in a galaxy of full size, and digest the world."""
    world = World(20, systems=REAL_SIZE)
    world.rate(REQUESTS)
    galaxy = world.sim.galaxy
    for symbol in galaxy.symbols[1:40]:
        # What is made when somebody looks must not leave a trace.
        assert world.sim.world.systems[symbol]
    return world.sim.state_hash()


def same_world(_plan: Plan) -> Iterator[Figure]:
    """Play the same calls on every Python that is there."""
    digests, lacking = {}, []
    for version in VERSIONS:
        found = told_by(version)
        if found is None:
            lacking.append(version)
        else:
            digests[version] = found
    agreeing = len(digests) if len(set(digests.values())) == 1 else 0
    yield Figure(
        "Pythons on which the same seed and calls lead to the same state hash",
        agreeing,
        "",
        at_least(len(VERSIONS)),
        why=f"no python{' or python'.join(lacking)} with msgspec on the PATH" if lacking else "",
    )


def told_by(version: str) -> str | None:
    """Ask a Python for its digest; None where it isn't there, or lacks what fleet needs."""
    python = shutil.which(f"python{version}")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        python = sys.executable
    if python is None:
        return None
    root = Path(fleet.__file__).resolve().parents[1]
    done = subprocess.run(
        [python, "-m", "fleet.bench.same_world"],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.stdout.strip() or None


if __name__ == "__main__":
    sys.stdout.write(f"{digest()}\n")
