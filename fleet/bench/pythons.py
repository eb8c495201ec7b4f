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
        self._complaints: dict[str, str] = {}
        found = {version: self._ready(version) for version in VERSIONS}
        self.found = {version: python for version, python in found.items() if python is not None}

    @property
    def why(self) -> str:
        """Say which versions are missing, and why or what to do; empty when none is."""
        lacking = [version for version in VERSIONS if version not in self.found]
        unknown = " or ".join(version for version in lacking if version not in self._complaints)
        said = [f"Python {version}: {text}" for version, text in self._complaints.items()]
        if unknown:
            said.append(f"no Python {unknown} on the PATH; name its folder in {PYTHONS}")
        return "; ".join(said)

    def _ready(self, version: str) -> str | None:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            return sys.executable
        for python in candidates(version):
            if not self._refused(python):
                return python
            own = self._folder / f"python{version}"
            inside = str(own / "bin/python")
            complaint = _make(python, own, self._packages) or self._refused(inside)
            if not complaint:
                return inside
            self._complaints[version] = complaint
        return None

    def _refused(self, python: str) -> str:
        return _complaint([python, "-c", f"import {self._module}"], env=environment())


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
        if python.exists() and not _complaint([str(python), "-c", "import venv"]):
            yield str(python)


def _make(python: str, folder: Path, packages: Sequence[str]) -> str:
    """Make an environment with these packages; tell what kept it from being made."""
    pinned = ["-c", str(ROOT / "constraints.txt")]
    install = [str(folder / "bin/python"), "-m", "pip", "install", "-q", *pinned, *packages]
    return _complaint([python, "-m", "venv", str(folder)]) or _complaint(install)


def _complaint(command: Sequence[str], env: dict[str, str] | None = None) -> str:
    """Run a command; tell the last thing it says when it fails, and nothing when it doesn't."""
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return str(failure)
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"{command[0]} exits {done.returncode}"
