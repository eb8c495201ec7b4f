"""One websocket connection: whole messages are answered at once, the rest goes the way of ASGI.

uvicorn puts every message into a queue and wakes a task for it. A message that came in one frame,
on a socket where nothing waits, is answered as it is read instead.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Opcode

from fleet.simulator.asgi import MOST_BODY
from fleet.simulator.sockets import SHORT_CUT

try:
    from websockets.speedups import apply_mask
except ImportError:
    # Where websockets was installed without its compiled part.
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from websockets.http11 import Request

    from fleet.simulator.sockets import Asked

FINAL = 0x80
MASKED = 0x80
NO_MASK = b"\0\0\0\0"
SHORT, MEDIUM = 126, 127
MESSAGES = (Opcode.TEXT, Opcode.BINARY)


class Piece(NamedTuple):
    """Where a frame ends, and where its mask begins; 0 if it has none."""

    mask: int
    end: int


class SocketConnection(WebSocketsSansIOProtocol):
    """uvicorn's own protocol with a short cut; runs in the event loop's thread."""

    _asked: Asked | None = None
    _pending = b""
    _received = 0

    def handle_connect(self, event: Request) -> None:
        """Offer the short cut to the application."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][SHORT_CUT] = self  # type: ignore[assignment]

    def open_to(self, asked: Asked) -> None:
        """Answer messages by this from now on.

        Whoever has sent more than the handshake already may have sent half a frame: no short cut.
        """
        if self._received == 1:
            self._asked = asked

    def data_received(self, data: bytes) -> None:
        """Take the stream frame by frame, so that the long way never sees half of one."""
        self._received += 1
        if self._asked is None:
            super().data_received(data)
            return
        data = self._pending + data if self._pending else data
        at = 0
        while self._asked is not None and (piece := cut(data, at)) is not None:
            if piece.end - at > MOST_BODY:
                self._asked = None
                break
            if piece.end > len(data):
                break
            if not self._answered(data, at, piece):
                super().data_received(data[at : piece.end])
            at = piece.end
        self._pending = data[at:]
        if self._asked is None:
            rest, self._pending = self._pending, b""
            super().data_received(rest)

    def _answered(self, data: bytes, at: int, piece: Piece) -> bool:
        """Answer a frame, if it is a message of its own and nothing is before it."""
        opcode = data[at] ^ FINAL
        if self._asked is None or not piece.mask or opcode not in MESSAGES or not self._idle():
            return False
        mask, content = data[piece.mask : piece.mask + 4], data[piece.mask + 4 : piece.end]
        answer = self._asked(content if mask == NO_MASK else apply_mask(content, mask))
        if answer is None:
            return False
        self.transport.write(head(opcode, len(answer)) + answer)
        return True

    def _idle(self) -> bool:
        """Whether nothing is queued, half read, stuck or closing."""
        return (
            not self.frames
            and self.queue.empty()
            and not self.read_paused
            and self.writable.is_set()
            and not self.close_sent
            and not self.transport.is_closing()
        )


def cut(data: bytes, at: int) -> Piece | None:
    """Find the extent of the frame that begins here; None until its head is there.

    A frame without a mask, which no client may send, takes all there is to the long way, which
    refuses it.
    """
    if len(data) < at + 2:
        return None
    size, mask = data[at + 1], at + 2
    if not size & MASKED:
        return Piece(0, len(data))
    size &= ~MASKED
    if size >= SHORT:
        mask += 2 if size == SHORT else 8
        if len(data) < mask:
            return None
        size = int.from_bytes(data[at + 2 : mask])
    return Piece(mask, mask + 4 + size)


def head(opcode: int, size: int) -> bytes:
    """Write the head of a message's only frame."""
    if size < SHORT:
        return struct.pack("!BB", FINAL | opcode, size)
    if size < 1 << 16:
        return struct.pack("!BBH", FINAL | opcode, SHORT, size)
    return struct.pack("!BBQ", FINAL | opcode, MEDIUM, size)
