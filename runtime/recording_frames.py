"""What a recording is made of: frames of msgpack, each behind its length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal

import msgspec

End = Literal["done", "skipped", "crashed", "fenced", "hung", "open"]
"""How a turn ended. skipped: the message was of no account (a timer cancelled, an answer that
nobody waits for any more, expired); open: it had not ended when the recording did."""

VERSION: Final = 4
LENGTH: Final = struct.Struct("<I")
MOST: Final = 64 << 20
"""Bytes of a frame; a length beyond it is no frame of ours."""


class Header(msgspec.Struct, frozen=True, array_like=True, tag="header"):
    """First in each file."""

    version: int
    seed: int
    """Of the system: it seeds every actor's random numbers."""

    sheet: bytes
    """What the tree was made of, as the host keeps it."""

    full: bool
    """Whether messages between actors are kept, too, so that earlier files can be dropped."""

    part: int = 1
    """Above 1 when earlier files of this recording are gone, or stand beside this one."""


class Life(msgspec.Struct, frozen=True, array_like=True, tag="life"):
    """An incarnation; stands before its first turn in each file."""

    life: int
    path: str
    number: int
    reason: str | None
    """Why the one before it ended; None for the first."""


class Name(msgspec.Struct, frozen=True, array_like=True, tag="name"):
    """A text that turns refer to by number."""

    name: int
    text: str


class Anchor(msgspec.Struct, frozen=True, array_like=True, tag="anchor"):
    """Game time at a moment of the steady clock."""

    steady: float
    game: float


class Foreign(msgspec.Struct, frozen=True, array_like=True):
    """A message from outside, with what its envelope told."""

    message: bytes | None
    """None when it could not be kept; `repr` has its text."""

    text: str
    sender: str | None
    sender_incarnation: int
    expires: float | None
    asked: Literal["", "actor", "thread"]
    """Who waits for an answer."""

    sent: float = 0.0


class Held(msgspec.Struct, frozen=True, array_like=True):
    """A message that came into the lanes before a turn."""

    id: int
    game: float
    """Game time at which it came."""

    foreign: Foreign | None


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """One message handled by one incarnation, or its start (id 0).

    What most turns have comes first: the rest is left out where it is as usual.
    """

    place: int
    """In the order in which turns began; 1 is the first."""

    life: int
    id: int
    name: int
    """Of the message's type."""

    at: float
    """On the steady clock; what it sent bears this time, too."""

    values: list[Any]
    """What its context gave it, in order: ids, times, looks at other actors."""

    sent: list[int]
    """What it sent, or did to other actors, two numbers each: the name of where to and of which
    type, and the digest of what it said."""

    end: End = "done"
    answers: int = 0
    """Id of the ask that the message answers, or 0."""

    held: list[Held] = []
    foreign: Foreign | None = None
    attempt: int = 1
    detail: str = ""
    """Type of the failure that ended it."""

    fenced: int = -1
    """After how many values it found itself replaced."""


class Turns(msgspec.Struct, frozen=True, array_like=True, tag="turns"):
    """Some turns, in the order in which they ended."""

    turns: list[Turn]


class Closed(msgspec.Struct, frozen=True, array_like=True, tag="closed"):
    """Last in a recording that came to its end; a file without it was cut off."""


Frame = Header | Life | Name | Anchor | Turns | Closed
KEPT: Final = 1
"""Code of a value that is kept as an object."""


class Kept(msgspec.Struct, frozen=True):
    """A value that is an object, encoded."""

    data: bytes


def _unpack(code: int, data: memoryview) -> Any:
    return Kept(bytes(data)) if code == KEPT else None


_decoder = msgspec.msgpack.Decoder(Frame, ext_hook=_unpack)


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """Read every whole frame; one that was cut off, or is none of ours, ends the reading."""
    while True:
        head = file.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        (length,) = LENGTH.unpack(head)
        body = file.read(length) if length <= MOST else b""
        if not body or len(body) < length:
            return
        try:
            yield _decoder.decode(body)
        except msgspec.DecodeError:
            return
