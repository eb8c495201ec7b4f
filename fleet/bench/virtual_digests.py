"""The same seed leads to the same digest: twice, with other hash seeds, on other Pythons.

`python -m fleet.bench.virtual_digests SECONDS` prints the digest of one run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.pythons import Pythons, environment, run_packages
from fleet.bench.virtual_run import timed

PATIENCE = 300.0


def digests(plan: Plan) -> Iterator[Figure]:
    """Play the same hour again and again, each time in a fresh process."""
    seconds = 300.0 if plan.quick else 3_600.0
    name = f"{seconds / 3600:g} game hours, late, live limits, virtual time, one seed"
    told = {}
    for hashes, turn in (("0", "first"), ("0", "second"), ("1", "other hash seed")):
        plan.say(f"digest: {turn}")
        told[turn] = digest_of(sys.executable, seconds, hashes)
    twice = len({told["first"], told["second"]})
    yield Figure(f"different digests of two runs, {name}", twice, "", at_most(1), runs=2)
    hashed = len(set(told.values()))
    yield Figure(f"different digests, PYTHONHASHSEED 0 and 1, {name}", hashed, "", at_most(1))
    pythons = Pythons(plan.folder, "fleet.virtual_fleet", run_packages())
    for version, python in pythons.found.items():
        plan.say(f"digest: Python {version}")
        told[version] = digest_of(python, seconds, "0")
    yield Figure(
        f"different digests on Python {', '.join(pythons.found)}, {name}",
        len(set(told.values())),
        "",
        at_most(1),
        why=pythons.why,
    )


def digest_of(python: str, seconds: float, hashes: str) -> str:
    """Have a Python play. Raises CalledProcessError."""
    command = [python, "-m", "fleet.bench.virtual_digests", f"{seconds:g}"]
    done = subprocess.run(
        command,
        env=environment(hashes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.stdout.write(f"{timed('late', float(sys.argv[1])).digest}\n")
