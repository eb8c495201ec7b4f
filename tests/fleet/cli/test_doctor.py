"""The doctor's page and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Fleet = Callable[..., Any]


def test_a_line_for_each_check_and_status_0(fleet: Fleet, tmp_path: Path) -> None:
    ran = fleet("doctor")
    assert (ran.status, ran.err) == (0, "")
    assert len(ran.out.splitlines()) == 9
    assert f"ok   data folder    {tmp_path}\n" in ran.out


def test_a_failed_check_tells_what_to_do_and_gives_status_1(fleet: Fleet, tmp_path: Path) -> None:
    broken = tmp_path / "x.sqlite"
    broken.write_text("no database")
    ran = fleet("doctor", "--database", f"sqlite:///{broken}")
    assert ran.status == 1
    assert "fail database " in ran.out
    assert "or choose another --database.\n" in ran.out
    found = json.loads(fleet("doctor", "--database", f"sqlite:///{broken}", "--json").out)
    assert [check["name"] for check in found if check["state"] == "fail"] == ["database"]


def test_a_configuration_that_cannot_be_used_is_a_failed_check(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_SHIPS", "many")
    ran = fleet("doctor")
    assert ran.status == 1
    assert "give a whole number from 1 to 10000.\n" in ran.out


def test_a_list_of_agents_that_cannot_be_used_is_a_failed_check(
    fleet: Fleet, tmp_path: Path
) -> None:
    path = tmp_path / "agents.toml"
    path.write_text("[[agent]]\nsymbol = 'ABC'\n")
    path.chmod(0o644)
    ran = fleet("doctor", "--agents", str(path))
    assert ran.status == 1
    assert f"Others may read the list of agents {path}; run: chmod 600 {path}" in ran.out
    path.chmod(0o600)
    assert fleet("doctor", "--agents", str(path)).status == 0
