"""The same seed leads to the same digest: twice, with other hash seeds, on other Pythons.

`python -m fleet.bench.virtual_digests SECONDS` prints the digest of one run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fleet
from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.virtual_run import timed

VERSIONS = ("3.11", "3.12", "3.13")
PYTHONS = "FLEET_BENCH_PYTHONS"
"""Names in the environment the folders of further Pythons, as PATH does; each with fleet's
dependencies."""

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
    found = pythons()
    lacking = [version for version in VERSIONS if version not in found]
    for version, python in found.items():
        plan.say(f"digest: Python {version}")
        told[version] = digest_of(python, seconds, "0")
    yield Figure(
        f"different digests on Python {', '.join(found)}, {name}",
        len(set(told.values())),
        "",
        at_most(1),
        why=f"no Python {' or '.join(lacking)}; name its folder in {PYTHONS}" if lacking else "",
    )


def pythons() -> dict[str, str]:
    """Find an interpreter with fleet's dependencies for each version."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = os.pathsep.join([os.environ.get(PYTHONS, ""), os.environ.get("PATH", "")])
    found = {}
    for version in VERSIONS:
        python = sys.executable if version == own else shutil.which(f"python{version}", path=path)
        if python is not None and _has_all(python):
            found[version] = python
    return found


def _has_all(python: str) -> bool:
    asked = [python, "-c", "import fleet.virtual_fleet"]
    return subprocess.run(asked, env=_environment("0"), capture_output=True).returncode == 0


def _environment(hashes: str) -> dict[str, str]:
    root = str(Path(fleet.__file__).resolve().parents[1])
    return {"PYTHONPATH": root, "PATH": "", "PYTHONHASHSEED": hashes}


def digest_of(python: str, seconds: float, hashes: str) -> str:
    """Have a Python play. Raises CalledProcessError."""
    command = [python, "-m", "fleet.bench.virtual_digests", f"{seconds:g}"]
    done = subprocess.run(
        command,
        env=_environment(hashes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.stdout.write(f"{timed('late', float(sys.argv[1])).digest}\n")
