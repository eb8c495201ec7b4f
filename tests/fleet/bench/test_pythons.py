"""Which Pythons a benchmark finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from fleet.bench import pythons
from fleet.bench.pythons import Pythons, candidates, run_packages

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHER = next(version for version in pythons.VERSIONS if version != OWN)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any other Python."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(pythons.PYTHONS, raising=False)
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "versions" / "own"))
    return tmp_path


def stand(folder: Path, *words: str) -> Path:
    """Put something into a folder that is called like a Python."""
    folder.mkdir(parents=True)
    file = folder / f"python{OTHER}"
    file.write_text(f"#!/bin/sh\n{' '.join(words)}\n")
    file.chmod(0o755)
    return file


def test_without_others_this_one_is_found_and_the_rest_is_said_to_be_missing(home: Path) -> None:
    found = Pythons(home, "fleet.protocol", [])
    assert found.found == {OWN: sys.executable}
    assert OTHER in found.why
    assert pythons.PYTHONS in found.why


def test_a_version_managers_pythons_are_found_and_its_empty_stand_in_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(home / "shims", "exit", "127")
    monkeypatch.setenv("PATH", str(home / "shims"))
    real = stand(home / "versions/x/bin", "exec", sys.executable, '"$@"')
    assert list(candidates(OTHER)) == [str(real)]
    assert Pythons(home, "fleet.protocol", []).found == {OWN: sys.executable, OTHER: str(real)}


def test_a_python_that_lacks_packages_gets_an_environment_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = stand(home / "named", "exec", sys.executable, "-S", '"$@"')
    monkeypatch.setenv(pythons.PYTHONS, str(home / "named"))
    made: list[tuple[str, ...]] = []

    def make(python: str, folder: Path, packages: list[str]) -> str:
        made.append((python, *packages))
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/python").symlink_to(sys.executable)
        return ""

    monkeypatch.setattr(pythons, "_make", make)
    own = {"PYTHONPATH": f"{pythons.ROOT}:{Path(pytest.__file__).parents[1]}", "PATH": ""}
    monkeypatch.setattr(pythons, "environment", lambda: own | {"PYTHONSAFEPATH": "1"})
    found = Pythons(home / "own", "msgspec.nowhere", ["msgspec"])
    assert made == [(str(lacking), "msgspec")]
    assert OTHER not in found.found, "what can't import the module even so is not used"
    assert f"Python {OTHER}: ModuleNotFoundError: No module named 'msgspec.nowhere'" in found.why
    subprocess.run([home / f"own/python{OTHER}/bin/python", "-c", ""], check=True)


def test_what_fleet_needs_to_run_is_without_its_extras() -> None:
    assert any(row.startswith("pykka") for row in run_packages())
    assert not any(row.startswith(("pytest", "ruff", "dask")) for row in run_packages())


def test_the_world_that_is_compared_needs_msgspec_and_no_other_package(tmp_path: Path) -> None:
    (tmp_path / "msgspec").symlink_to(Path(msgspec.__file__).parent)
    subprocess.run(
        [sys.executable, "-S", "-c", "import fleet.bench.same_world"],
        env={"PYTHONPATH": f"{pythons.ROOT}:{tmp_path}", "PATH": ""},
        check=True,
    )
