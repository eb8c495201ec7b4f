"""How a recording keeps messages, and tells whether two say the same."""

from __future__ import annotations

import importlib
import io
import pickle
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import inspect

from fleet.protocol.errors import FleetError
from fleet.runtime.address import Address

BUILT_IN: Final = frozenset(
    {
        ("builtins", name)
        for name in ("set", "frozenset", "bytearray", "complex", "range", "slice", "object")
    }
    | {("builtins", name) for name in ("ValueError", "KeyError", "TypeError", "RuntimeError")}
    | {("collections", name) for name in ("deque", "Counter", "OrderedDict")}
    | {("datetime", name) for name in ("datetime", "date", "time", "timedelta", "timezone")}
    | {("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("msgspec._utils", "rebuild")}
)
"""What a kept message may be made of beside our own types."""


LARGE: Final = 400
"""Bytes of a message beyond which others of its type are not looked at."""


class Unreadable(FleetError):
    """A recording holds something that no message of ours is made of."""


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What kept messages may name."""

    address: Callable[[str], Address[Any]]
    modules: tuple[str, ...]
    """Those, with all below them, whose types messages may be made of."""

    def knows(self, module: str) -> bool:
        """Say whether a module's types may be in a message."""
        return any(module == each or module.startswith(f"{each}.") for each in self.modules)


def _address_of(path: str) -> Address[Any]:
    raise Unreadable(f"{path} cannot be looked up here")


def _struct_of(kind: type, data: bytes) -> Any:
    return msgspec.msgpack.decode(data, type=kind)


class _Ways(dict[type, Callable[[Any], Any]]):
    """How each type is kept, found out when it is first met."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, msgspec.Struct) and is_whole(kind):
            # A tenth of the time that the library takes for a reply with all that is in it.
            self[kind] = lambda value: (_struct_of, (kind, msgspec.msgpack.encode(value)))
            return self[kind]
        raise KeyError(kind)


def is_whole(kind: type) -> bool:
    """Whether a type tells everything about what is in it, so that it can be read back alone."""
    seen: set[int] = set()

    def knows(about: Any) -> bool:
        if isinstance(about, (inspect.AnyType, inspect.CustomType, inspect.RawType)):
            return False
        if not isinstance(about, msgspec.Struct) or id(about) in seen:
            return True
        seen.add(id(about))
        parts = [getattr(about, name) for name in about.__struct_fields__]
        return all(knows(each) for part in parts for each in _each(part))

    try:
        return knows(inspect.type_info(kind))
    # Types that msgspec does not know, or cannot tell apart.
    except TypeError:
        return False


def _each(part: Any) -> Iterable[Any]:
    return part if isinstance(part, tuple) else (part,)


class Packer:
    """Encodes messages; remembers how each type is kept."""

    def __init__(self) -> None:
        self._ways = _Ways({Address: lambda address: (_address_of, (address.path,))})

    def pack(self, value: Any) -> bytes | None:
        """Encode a message; None for one that cannot be kept."""
        out = io.BytesIO()
        pickler = pickle.Pickler(out, protocol=5)
        pickler.dispatch_table = self._ways
        try:
            pickler.dump(value)
        # Anything may be in the message of somebody's own actor: files, locks, functions.
        except Exception:
            return None
        return out.getvalue()


class _Unpacker(pickle.Unpickler):
    """Makes nothing but values, messages of ours and addresses: no file of a stranger runs code."""

    def __init__(self, data: bytes, book: AddressBook) -> None:
        super().__init__(io.BytesIO(data))
        self._book = book

    def find_class(self, module: str, name: str) -> Any:
        """Look a type up; refuses everything else."""
        if (module, name) == (__name__, "_address_of"):
            return self._book.address
        if (module, name) == (__name__, "_struct_of"):
            return _struct_of
        if (module, name) in BUILT_IN:
            return super().find_class(module, name)
        return known(self._book, module, name)


def known(book: AddressBook, module: str, name: str) -> type:
    """Look a type of messages up. Raises Unreadable for whatever else is named."""
    if book.knows(module) and "." not in name:
        found = getattr(importlib.import_module(module), name, None)
        if isinstance(found, type) and book.knows(found.__module__):
            return found
    raise Unreadable(f"The recording names {module}.{name}, which is no message of a fleet.")


def unpack(data: bytes, book: AddressBook) -> Any:
    """Decode what `pack` made. Raises Unreadable."""
    try:
        return _Unpacker(data, book).load()
    except Unreadable:
        raise
    # A damaged stream fails in every way there is.
    except Exception as failure:
        raise Unreadable(f"The recording is damaged: {failure}") from failure


def _plain(value: Any) -> Any:
    if isinstance(value, Address):
        return value.path
    if isinstance(value, BaseException):
        return [type(value).__name__, str(value)]
    return type(value).__qualname__


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic")


def said(value: Any) -> bytes:
    """Encode what a message says; the same in every process, but nothing to read it from."""
    try:
        return _encoder.encode(value)
    # Keys of several types, numbers beyond 64 bits: then its type has to do.
    except Exception:
        return type(value).__qualname__.encode()


def digest(words: bytes, *, strong: bool) -> int:
    """Digest what a message says; `strong`: in 64 bits, not 32."""
    # Against slips, not against forgers: a cryptographic one took as long as the encoding.
    return zlib.crc32(words) << 32 | zlib.adler32(words) if strong else zlib.crc32(words)


def stamp(value: Any, *, strong: bool) -> int:
    """Digest a message."""
    return digest(said(value), strong=strong)
