"""What runtime and script's process say to each other, and how it goes over their socket.

Upwards everything is msgspec, decoded into types that the gate knows: a script must not be able to
make the runtime run anything. Downwards messages travel as pickles, since the runtime may send
whatever the fleet's actors say, and nothing in a script's process is safe from its own script.
"""

from __future__ import annotations

import socket
import threading
from typing import Any, Final

import msgspec

from fleet.protocol.errors import FleetError

HEADER: Final = 4
"""Bytes of a frame's length, big end first."""

FRAME_MOST: Final = 4 << 20
"""Bytes of a frame; a view of the largest fleet stays far below."""


class Broken(FleetError):
    """What came over the socket is no frame."""


# -- downwards


class Load(msgspec.Struct, frozen=True, tag=True):
    """Read this script; answered with Loaded or Unusable."""

    name: str
    file: str
    source: str
    settings: dict[str, str]
    ships: tuple[str, ...]


class Clock(msgspec.Struct, frozen=True, tag=True):
    """The game clock's line, on the steady clock that all processes of a machine share."""

    game: float
    at: float
    speed: float


class Begin(msgspec.Struct, frozen=True, tag=True):
    """Start the actor; answered with Started."""

    clock: Clock
    seed: int
    budget: float
    """Wall seconds that one message may take."""


class Deliver(msgspec.Struct, frozen=True, tag=True):
    """A message for the actor."""

    message: bytes
    """Pickled."""

    sender: str
    number: int
    """Not 0 when the sender asked: names the answer."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The answer to an ask of the script's."""

    number: int
    value: bytes
    """Pickled."""


class Ping(msgspec.Struct, frozen=True, tag=True):
    """Say that you live; tells the clock, too."""

    clock: Clock


# -- upwards


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The script was read."""

    kind: str
    label: str


class Unusable(msgspec.Struct, frozen=True, tag=True):
    """The script can't be run, for this reason."""

    sentence: str


class Started(msgspec.Struct, frozen=True, tag=True):
    """The actor has come through its start."""


class Post(msgspec.Struct, frozen=True, tag=True):
    """A message of the script's for somebody in the fleet."""

    path: str
    kind: str
    body: msgspec.Raw
    number: int
    """Not 0 when it asks: names the answer."""

    expires: float | None = None
    """Game time after which it is not worth handling."""


class Replied(msgspec.Struct, frozen=True, tag=True):
    """The script's answer to who asked it."""

    number: int
    kind: str
    body: msgspec.Raw
    path: str = ""
    """Of a step that asks or tells: whom."""


class Told(msgspec.Struct, frozen=True, tag=True):
    """An event for the log."""

    event: str
    level: str
    text: str
    fields: dict[str, str | int | float | bool | None]


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The actor has ended; the process does so, too."""

    reason: str
    """stopped, crashed or hung."""

    detail: str
    """In a sentence, with file and line where there are any."""

    stack: str = ""
    """Of the crash, or of the thread that hangs."""


class Pong(msgspec.Struct, frozen=True, tag=True):
    """The process lives."""


Down = Load | Begin | Deliver | Answered | Ping
Up = Loaded | Unusable | Started | Post | Replied | Told | Ended | Pong

# Made at import, in one thread: msgspec shows a half made decoder to other threads.
DOWN: Final = msgspec.msgpack.Decoder(Down)
UP: Final = msgspec.msgpack.Decoder(Up)


def packed(frame: Down | Up) -> bytes:
    """Render a frame with its length. Raises Broken for one that is too long."""
    body = msgspec.msgpack.encode(frame)
    if len(body) > FRAME_MOST:
        raise Broken(f"a message of {len(body):,} bytes is longer than {FRAME_MOST:,}")
    return len(body).to_bytes(HEADER, "big") + body


class Line:
    """One end of the socket pair: any thread may send, one may receive; both may block."""

    def __init__(self, end: socket.socket, decoder: Any) -> None:
        self.socket = end
        self._decoder = decoder
        self._sending = threading.Lock()

    def send(self, frame: Down | Up) -> None:
        """Send a frame, waiting for room. Raises OSError when the other end is gone."""
        data = packed(frame)
        with self._sending:
            self.socket.sendall(data)

    def receive(self) -> Any:
        """Wait for a frame; None at the end. Raises OSError, and Broken for anything else."""
        head = self._read(HEADER)
        if head is None:
            return None
        length = int.from_bytes(head, "big")
        if length > FRAME_MOST:
            raise Broken(f"a frame of {length:,} bytes")
        body = self._read(length)
        if body is None:
            return None
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Broken(f"no frame: {error}") from None

    def _read(self, size: int) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                return None
            data += part
        return bytes(data)
