"""A script of calls that must lead to the same world on every Python.

`python -m fleet.bench.same_world` prints the digest of the world at its end.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from fleet.bench.actions import World
from fleet.bench.figure import Figure, at_least
from fleet.bench.plan import Plan
from fleet.bench.pythons import ROOT, VERSIONS, Pythons, environment
from fleet.simulator.universe.stars import REAL_SIZE

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


def same_world(plan: Plan) -> Iterator[Figure]:
    """Play the same calls on every Python that is there."""
    pythons = Pythons(plan.folder, "fleet.bench.same_world", ["msgspec"])
    digests = {version: told_by(python) for version, python in pythons.found.items()}
    agreeing = len(digests) if len(set(digests.values())) == 1 else 0
    yield Figure(
        "Pythons on which the same seed and calls lead to the same state hash",
        agreeing,
        "",
        at_least(len(VERSIONS)),
        why=pythons.why,
    )


def told_by(python: str) -> str:
    """Ask a Python for its digest. Raises CalledProcessError."""
    done = subprocess.run(
        [python, "-m", "fleet.bench.same_world"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.stdout.write(f"{digest()}\n")
