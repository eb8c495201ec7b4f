"""What of a recording nobody trusts: files of strangers, and stamps."""

from __future__ import annotations

import pickle
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fleet.protocol.errors import UsageError
from fleet.runtime.recording_codec import AddressBook, Packer, Unreadable, stamp, unpack
from fleet.runtime.replay_turns import RecordedTurns

HERE = (__name__,)


@dataclass(frozen=True)
class Told:
    what: tuple[int, str]
    times: int


@dataclass(frozen=True)
class Guess:
    number: int


def test_what_is_no_recording_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (b"", b"{}", b"\xff" * 100):
        path.write_bytes(content)
        with pytest.raises(UsageError, match="no recording"):
            RecordedTurns(path)
    with pytest.raises(UsageError, match="cannot be read"):
        RecordedTurns(tmp_path / "nowhere")


def test_a_file_of_a_stranger_runs_no_code() -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("evil",)

    book = AddressBook(lambda path: pytest.fail(path), HERE)
    with pytest.raises(Unreadable, match="no message of a fleet"):
        unpack(pickle.dumps(Evil()), book)
    with pytest.raises(Unreadable):
        unpack(b"\x80\x05nonsense", book)
    assert Packer().pack(threading.Lock()) is None
    assert unpack(Packer().pack(Told((1, "a"), 2)) or b"", book) == Told((1, "a"), 2)


def test_stamps_tell_messages_apart_in_every_process() -> None:
    assert stamp({"b": 1, "a": {3, 1, 2}}, strong=True) == stamp(
        {"a": {2, 3, 1}, "b": 1}, strong=True
    )
    assert stamp(Guess(1), strong=True) != stamp(Guess(2), strong=True)
