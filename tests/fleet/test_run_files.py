"""What is wrong with the files of a run is said before anything is started or moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet.config import Config
from fleet.protocol.errors import UsageError
from fleet.run_files import check_files
from fleet.runtime.recording_frames import LENGTH, Header


def told(**given: Any) -> str:
    with pytest.raises(UsageError) as raised:
        check_files(Config(**given))
    return str(raised.value)


def recording(path: Path) -> Path:
    body = msgspec.msgpack.encode(Header(1, 1, b"", full=False))
    path.write_bytes(LENGTH.pack(len(body)) + body)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file"),
        ("def run(ship, task:\n", "line 1: '(' was never closed"),
        ("\x00", "null bytes"),
    ],
)
def test_a_script_that_cannot_be_injected_is_refused(
    tmp_path: Path, text: str | None, said: str
) -> None:
    script = tmp_path / "idea.py"
    if text is not None:
        script.write_text(text)
    assert said in told(inject=script)


def test_a_script_is_not_named_as_a_behaviour_of_the_fleet(tmp_path: Path) -> None:
    script = tmp_path / "park.py"
    script.write_text("def run(ship, task):\n    yield None\n")
    assert "'park' is a behaviour of the fleet" in told(inject=script)
    check_files(Config(inject=script.rename(tmp_path / "idea.py")))


@pytest.mark.parametrize("text", ["the only copy of a thesis", "{}", "\x00\x00\x00\x02{}"])
def test_a_file_that_is_no_recording_is_not_replaced_by_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    assert "is there already and is no recording" in told(record=path)
    assert path.read_text() == text


def test_a_folder_is_not_replaced_by_a_recording(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in told(record=tmp_path)


@pytest.mark.parametrize("make", [recording, Path.touch, lambda path: path])
def test_a_recording_may_take_the_place_of_an_earlier_one(
    tmp_path: Path, make: Callable[[Path], Any]
) -> None:
    make(tmp_path / "night.rec")
    check_files(Config(record=tmp_path / "night.rec"))


def test_a_bound_without_a_recording_is_refused() -> None:
    assert "nothing is recorded; give --record FILE" in told(record_last=60.0)
