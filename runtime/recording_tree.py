"""Keeps messages from outside as plain values, their types by number: a third of pickle's time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, Final

import msgspec

from fleet.runtime.address import Address
from fleet.runtime.recording_codec import AddressBook, Packer, Unreadable, is_whole, known, unpack

LIST, TUPLE, DICT, STRUCT, RECORD, ADDRESS, ENUM, PICKLED, OWN = range(9)
"""First in each array, and tells what it stands for."""

PLAIN: Final = (NoneType, bool, int, float, str, bytes)
Way = Callable[[Any], Any] | None
"""Makes plain values of those of a type; None where they are plain."""


def _dict(flat: list[Any]) -> dict[Any, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


BUILT_IN: Final[Mapping[int, Callable[[list[Any]], Any]]] = {LIST: list, TUPLE: tuple, DICT: _dict}


class TreeWriter:
    """Writes messages; `number` names a type in the file, and is asked once for each.

    A type with `as_kept`, which tells a tuple, and `from_kept`, which makes it of that, says
    itself how it is kept.
    """

    def __init__(self, number: Callable[[type], int]) -> None:
        self._number = number
        self._packer = Packer()
        self._encode = msgspec.msgpack.Encoder().encode
        self._ways: dict[type, Way] = {
            **dict.fromkeys(PLAIN),
            list: lambda value: self._filled([LIST], value),
            tuple: lambda value: self._filled([TUPLE], value),
            dict: lambda value: self._filled([DICT], chain.from_iterable(value.items())),
            Address: lambda value: [ADDRESS, value.path],
        }

    def write(self, message: Any) -> bytes | None:
        """Encode a message; None for one that cannot be kept."""
        try:
            return self._encode(self._plain(message))
        # Anything may be in the message of somebody's own actor: files, locks, functions.
        except Exception:
            return None

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        try:
            way = self._ways[kind]
        except KeyError:
            way = self._ways[kind] = self._way(kind)
        return value if way is None else way(value)

    def _filled(self, made: list[Any], values: Iterable[Any]) -> list[Any]:
        """Append plain values; a call for each of them would take most of the time."""
        ways = self._ways
        for value in values:
            way = ways.get(type(value), self._plain)
            made.append(value if way is None else way(value))
        return made

    def _way(self, kind: type) -> Way:
        if getattr(sys.modules.get(kind.__module__), kind.__qualname__, None) is not kind:
            # Nobody could find it again by its name.
            return self._pickled
        if hasattr(kind, "as_kept") and hasattr(kind, "from_kept"):
            number, kept = self._number(kind), kind.as_kept
            return lambda value: self._filled([OWN, number], kept(value))
        if issubclass(kind, msgspec.Struct) and is_whole(kind):
            number, encode = self._number(kind), self._encode
            return lambda value: [STRUCT, number, encode(value)]
        if issubclass(kind, Enum):
            number = self._number(kind)
            return lambda value: [ENUM, number, self._plain(value.value)]
        # With slots there is nothing in it beside its fields.
        if is_dataclass(kind) and "__slots__" in vars(kind) and len(fields(kind)) > 1:
            number, values = self._number(kind), attrgetter(*(each.name for each in fields(kind)))
            return lambda value: self._filled([RECORD, number], values(value))
        return self._pickled

    def _pickled(self, value: Any) -> list[Any]:
        packed = self._packer.pack(value)
        if packed is None:
            raise TypeError(f"{type(value).__name__} cannot be kept")
        return [PICKLED, packed]


class TreeReader:
    """Reads messages; makes nothing but values, messages of ours and addresses."""

    def __init__(self, book: AddressBook) -> None:
        self._book = book
        self._kinds: dict[str, type] = {}

    def read(self, data: bytes, names: Mapping[int, str]) -> Any:
        """Decode what a writer made; `names` are those of its file. Raises Unreadable."""
        try:
            return self._made(msgspec.msgpack.decode(data), names)
        except Unreadable:
            raise
        # A damaged message fails in every way there is.
        except Exception as failure:
            raise Unreadable(f"The recording is damaged: {failure}") from failure

    def _made(self, plain: Any, names: Mapping[int, str]) -> Any:
        if type(plain) is not list:
            return plain
        what: int = plain[0]
        if what in BUILT_IN:
            return BUILT_IN[what]([self._made(each, names) for each in plain[1:]])
        first: Any = plain[1]
        if what == ADDRESS:
            return self._book.address(first)
        if what == PICKLED:
            return unpack(first, self._book)
        return self._typed(what, self._kind(names[first]), plain[2:], names)

    def _typed(self, what: int, kind: type, rest: list[Any], names: Mapping[int, str]) -> Any:
        if what == STRUCT and issubclass(kind, msgspec.Struct):
            return msgspec.msgpack.decode(rest[0], type=kind)
        values = [self._made(each, names) for each in rest]
        if what == ENUM and issubclass(kind, Enum):
            return kind(values[0])
        if what == RECORD and is_dataclass(kind):
            # As when it was sent: nothing is checked or reckoned anew.
            made = object.__new__(kind)
            for field, value in zip(fields(kind), values, strict=True):
                object.__setattr__(made, field.name, value)
            return made
        if what == OWN and hasattr(kind, "from_kept"):
            return kind.from_kept(*values)
        raise Unreadable(f"The recording is damaged: nothing is made of {kind.__name__} so.")

    def _kind(self, name: str) -> type:
        kind = self._kinds.get(name)
        if kind is None:
            module, _, word = name.partition(" ")
            kind = self._kinds[name] = known(self._book, module, word)
        return kind
