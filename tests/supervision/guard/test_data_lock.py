from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.protocol.errors import SetupError
from fleet.supervision.guard.data_lock import LOCK_NAME, DataLock

HOLD = """
import sys
from pathlib import Path
from fleet.supervision.guard.data_lock import DataLock
with DataLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_new_folder_and_its_lock_are_for_the_owner_only(tmp_path: Path) -> None:
    with DataLock(tmp_path / "a" / "data"):
        assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "a" / "data" / LOCK_NAME).stat().st_mode & 0o777 == 0o600


def test_a_second_fleet_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    with DataLock(tmp_path), pytest.raises(SetupError) as refused, DataLock(tmp_path):
        pass
    assert f"kill {os.getpid()}" in str(refused.value)
    assert "--data-dir" in str(refused.value)
    with DataLock(tmp_path):
        pass


def test_after_use_no_lock_file_remains(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_fleet_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SetupError, match=f"process {holder.pid}"), DataLock(tmp_path):
            pass
        holder.kill()
        holder.wait(30)
    with DataLock(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    with DataLock(tmp_path):
        pass
    child.communicate(timeout=40)


def test_whoever_locked_a_file_that_was_just_unlinked_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, removed = os.open, []

    def open_then_lose(path: Path, *args: int) -> int:
        fd = real(path, *args)
        if not removed:
            removed.append(path)
            path.unlink()
        return fd

    monkeypatch.setattr("fleet.supervision.guard.data_lock.os.open", open_then_lose)
    with DataLock(tmp_path):
        assert removed
        assert (tmp_path / LOCK_NAME).exists()


@pytest.mark.parametrize("below", ["data", "data/deeper"])
def test_a_file_in_the_way_is_told_in_a_sentence(tmp_path: Path, below: str) -> None:
    (tmp_path / "data").write_text("")
    with (
        pytest.raises(SetupError, match="something else has that name; choose another"),
        DataLock(tmp_path / below),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not by chmod: the superuser may write there all the same.
    monkeypatch.setattr("fleet.supervision.guard.data_lock.os.access", lambda *_: False)
    with pytest.raises(SetupError, match="can't be written; choose another"), DataLock(tmp_path):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_folder_that_the_system_refuses_is_told_in_a_sentence() -> None:
    with pytest.raises(SetupError, match="can't be"), DataLock(Path("/proc/fleet-data")):
        pass


def test_a_deleted_folder_is_noticed_and_what_a_second_fleet_made_there_is_left_alone(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with DataLock(folder) as first:
        assert first.lost() is None
        shutil.rmtree(folder)
        sentence = first.lost()
        assert sentence is not None
        assert f"{folder} was deleted" in sentence
        with DataLock(folder) as second:
            assert first.lost() is not None, "the file there is another fleet's"
            first.__exit__()
            assert second.lost() is None
            with pytest.raises(SetupError), DataLock(folder):
                pass


@pytest.mark.parametrize("how", ["the lock alone", "a file in its place"])
def test_a_lock_that_keeps_nobody_out_any_more_is_lost(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "data"
    with DataLock(folder) as lock:
        if how == "the lock alone":
            (folder / LOCK_NAME).unlink()
        else:
            shutil.rmtree(folder)
            folder.write_text("")
        assert lock.lost() is not None


def test_a_folder_that_was_moved_away_is_lost(tmp_path: Path) -> None:
    with DataLock(tmp_path / "data") as lock:
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        assert lock.lost() is not None
    assert (tmp_path / "elsewhere" / LOCK_NAME).exists(), "only a file of that name is removed"
