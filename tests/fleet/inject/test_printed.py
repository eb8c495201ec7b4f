"""What scripts print does not fill the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.inject import printed
from fleet.inject.host_process import HostProcess
from fleet.runtime.clocks import SystemClock
from fleet.supervision.guard.appended import KEPT_MOST


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "MOST", 1000)
    monkeypatch.setattr(printed, "KEPT", 10)


def test_a_file_that_has_grown_large_keeps_its_end(tmp_path: Path) -> None:
    file = tmp_path / "experiments.log"
    with file.open("ab", buffering=0) as script:
        script.write(b"x" * 1000 + b"the newest")
        assert printed.shorten(file)
        assert file.read_bytes() == printed.NOTE + b"the newest"
        # Whoever has it open goes on behind that.
        script.write(b" and more")
    assert file.read_bytes().endswith(b"the newest and more")


@pytest.mark.parametrize("size", [0, 1000])
def test_a_small_one_is_left_alone(tmp_path: Path, size: int) -> None:
    file = tmp_path / "experiments.log"
    file.write_bytes(b"x" * size)
    assert not printed.shorten(file)
    assert file.stat().st_size == size


def test_one_that_is_not_there_does_no_harm(tmp_path: Path) -> None:
    assert not printed.shorten(tmp_path / "experiments.log")


def test_a_script_that_begins_leaves_the_file_to_those_that_write_into_it(tmp_path: Path) -> None:
    file = tmp_path / "experiments.log"
    file.write_bytes(b"x" * 2 * KEPT_MOST)
    process = HostProcess(file, SystemClock().monotonic)
    process.end()
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
