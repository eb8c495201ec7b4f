from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.runtime import Address
from fleet.runtime.recording_codec import AddressBook, Unreadable
from fleet.runtime.recording_tree import RECORD, STRUCT, TreeReader, TreeWriter


class Colour(IntEnum):
    RED = 1


class Hull(msgspec.Struct, frozen=True):
    name: str
    parts: tuple[int, ...] = ()


class Loose(msgspec.Struct, frozen=True):
    anything: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    number: int
    what: Any = None
    checked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert self.number >= 0, "made by way of its constructor"


@dataclass(frozen=True)
class Open:
    what: Any


class File:
    """What is written, and the names that go with it."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.writer = TreeWriter(self._number)
        self.reader = TreeReader(AddressBook(self._address, (__name__,)))

    def _number(self, kind: type) -> int:
        number = len(self.names) + 1
        self.names[number] = f"{kind.__module__} {kind.__qualname__}"
        return number

    def _address(self, path: str) -> Address[Any]:
        return Address(path, None)  # type: ignore[arg-type]

    def back(self, value: Any) -> Any:
        data = self.writer.write(value)
        assert data is not None
        return self.reader.read(data, self.names)


plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
leaves = plain | st.text() | st.binary() | st.just(Colour.RED)
leaves |= st.builds(Hull, st.text(), st.lists(st.integers(0, 9)).map(tuple))
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(0, 9), inner)
        | st.builds(Seen, number=st.integers(0, 9), what=inner)
        | st.builds(Open, inner)
        | st.lists(inner).map(deque)
    ),
)


def alike(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down."""
    return bool(one == other) and repr(one) == repr(other)


@given(values)
def test_what_is_read_is_what_was_written(value: Any) -> None:
    assert alike(File().back(value), value)


def test_addresses_belong_to_the_one_who_reads() -> None:
    file = File()
    assert file.back([Address("/ship", None)]) == [Address("/ship", None)]  # type: ignore[arg-type]


def test_a_struct_that_does_not_tell_what_is_in_it_comes_back_whole() -> None:
    assert alike(File().back(Loose(Seen(number=1))), Loose(Seen(number=1)))


def test_what_nobody_could_find_again_is_not_kept() -> None:
    @dataclass(frozen=True, slots=True)
    class Local:
        one: int
        two: int

    writer = File().writer
    assert writer.write(Local(1, 2)) is None
    assert writer.write([1, threading.Lock()]) is None
    assert writer.write(2**70) is None
    # One that failed leaves the next alone.
    assert writer.write([1]) is not None


def test_each_type_is_named_once() -> None:
    file = File()
    file.back([Seen(number=1), Hull("a"), Seen(number=2)])
    file.back(Seen(number=3))
    assert len(file.names) == 2


@pytest.mark.parametrize(
    ("plain", "names"),
    [
        ([RECORD, 1, "echo"], {1: "os system"}),
        ([RECORD, 1, 2], {1: f"{__name__} File"}),
        ([STRUCT, 1, b"\x90"], {1: f"{__name__} Seen"}),
        ([RECORD, 1, 2], {1: f"{__name__} Seen"}),
        ([RECORD, 9], {}),
        ([99], {}),
        ([], {}),
        ([2, 1], {}),
    ],
)
def test_a_strangers_file_makes_nothing_but_messages(plain: Any, names: dict[int, str]) -> None:
    with pytest.raises(Unreadable):
        File().reader.read(msgspec.msgpack.encode(plain), names)


def test_what_is_no_message_of_ours_is_refused() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        File().reader.read(b"\xc1", {})
