"""Finds other Pythons on this machine, and gives them what a benchmark imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import fleet

VERSIONS = ("3.11", "3.12", "3.13")
PYTHONS = "FLEET_BENCH_PYTHONS"
"""Names in the environment the folders of further Pythons, as PATH does."""

ROOT = Path(fleet.__file__).resolve().parents[1]
PATIENCE = 300.0


class Pythons:
    """The interpreters that can import a module of fleet, by version.

    One that lacks packages gets an environment of its own below `folder`, from the package
    index, with the versions that this project pins.
    """

    def __init__(self, folder: Path, module: str, packages: Sequence[str]) -> None:
        """Look for interpreters; `packages` are what `module` needs."""
        self._folder = folder
        self._module = module
        self._packages = packages
        found = {version: self._ready(version) for version in VERSIONS}
        self.found = {version: python for version, python in found.items() if python is not None}

    @property
    def why(self) -> str:
        """Say which versions are missing and what to do; empty when none is."""
        lacking = [version for version in VERSIONS if version not in self.found]
        if not lacking:
            return ""
        return f"no Python {' or '.join(lacking)} on the PATH; name its folder in {PYTHONS}"

    def _ready(self, version: str) -> str | None:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            return sys.executable
        for python in candidates(version):
            if self._imports(python):
                return python
            own = self._folder / f"python{version}"
            if _makes(python, own, self._packages) and self._imports(str(own / "bin/python")):
                return str(own / "bin/python")
        return None

    def _imports(self, python: str) -> bool:
        asked = [python, "-c", f"import {self._module}"]
        return _succeeds(asked, env=environment())


def run_packages() -> list[str]:
    """List what fleet needs to run, without its extras."""
    return [row for row in metadata.requires("fleet") or [] if "extra ==" not in row]


def environment(hashes: str = "0") -> dict[str, str]:
    """Let a Python see this tree and nothing else, with a hash seed."""
    return {"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONHASHSEED": hashes}


def candidates(version: str) -> Iterator[str]:
    """Go through the interpreters of a version that run."""
    named = os.pathsep.join([os.environ.get(PYTHONS, ""), os.environ.get("PATH", "")])
    folders = [Path(name) for name in named.split(os.pathsep) if name]
    # Version managers install one beside the other.
    folders += sorted(Path(sys.base_prefix).parent.glob("*/bin"))
    for folder in folders:
        python = folder / f"python{version}"
        # A version manager's stand-in is found by name, but may have nothing behind it.
        if python.exists() and _succeeds([str(python), "-c", "import venv"]):
            yield str(python)


def _makes(python: str, folder: Path, packages: Sequence[str]) -> bool:
    """Make an environment with these packages; False where the index is out of reach."""
    pinned = ["-c", str(ROOT / "constraints.txt")]
    return _succeeds([python, "-m", "venv", str(folder)]) and _succeeds(
        [str(folder / "bin/python"), "-m", "pip", "install", "-q", *pinned, *packages]
    )


def _succeeds(command: Sequence[str], env: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(command, env=env, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
