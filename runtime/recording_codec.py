"""How a recording keeps messages, and tells whether two say the same."""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec

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


class _Packer(pickle.Pickler):
    dispatch_table = {Address: lambda address: (_address_of, (address.path,))}  # noqa: RUF012


class _Unpacker(pickle.Unpickler):
    """Makes nothing but values, messages of ours and addresses: no file of a stranger runs code."""

    def __init__(self, data: bytes, book: AddressBook) -> None:
        super().__init__(io.BytesIO(data))
        self._book = book

    def find_class(self, module: str, name: str) -> Any:
        """Look a type up; refuses everything else."""
        if (module, name) == (__name__, "_address_of"):
            return self._book.address
        if (module, name) in BUILT_IN:
            return super().find_class(module, name)
        if self._book.knows(module) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and self._book.knows(found.__module__):
                return found
        raise Unreadable(f"The recording names {module}.{name}, which is no message of a fleet.")


def pack(value: Any) -> bytes | None:
    """Encode a message; None for one that cannot be kept."""
    out = io.BytesIO()
    try:
        _Packer(out, protocol=5).dump(value)
    # Anything may be in the message of somebody's own actor: files, locks, functions.
    except Exception:
        return None
    return out.getvalue()


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


def stamp(value: Any, *, strong: bool) -> int:
    """Digest what a message says; the same in every process. `strong`: in 64 bits, not 32."""
    try:
        text = _encoder.encode(value)
    # Keys of several types, numbers beyond 64 bits: then its type has to do.
    except Exception:
        text = type(value).__qualname__.encode()
    if strong:
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
    return zlib.crc32(text)
