"""What requests and answers look like on a socket: HTTP/1.1 kept alive, and a websocket."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Protocol

import msgspec

from fleet.bench.crowd_play import Step

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
BINARY_FRAME = 0x82
CLOSE, PING, PONG = 0x88, 0x89, 0x8A
MASKED = 0x80
NO_MASK = b"\0\0\0\0"
"""A mask of zeros: demanded by the protocol, without work."""


class Answer(msgspec.Struct):
    """An answer as it was cut out of the stream."""

    id: int
    status: int
    body: bytes


class Wire(Protocol):
    """Writes requests, and cuts the stream of what comes back into answers."""

    owed: bytes
    """What has to be sent after `feed`; whoever has sent it empties it."""

    def greeting(self, host: str, token: str) -> bytes:
        """Tell what to send first; nothing in most cases."""
        ...

    def frame(self, number: int, step: Step) -> bytes:
        """Write a request."""
        ...

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Take what came and go through the whole answers in it."""
        ...


class HttpWire:
    """HTTP/1.1 with one request in flight."""

    def __init__(self) -> None:
        self.owed = b""
        self._rest = b""

    def greeting(self, host: str, token: str) -> bytes:
        """Send nothing first."""
        return b""

    def frame(self, number: int, step: Step) -> bytes:
        """Write a request as the usual clients do."""
        lines = [f"{step.method} {step.path} HTTP/1.1", "host: 127.0.0.1", "accept: */*"]
        if step.token:
            lines.append(f"authorization: Bearer {step.token}")
        if step.body:
            lines.append("content-type: application/json")
        if step.method != "GET":
            lines.append(f"content-length: {len(step.body)}")
        return "\r\n".join(lines).encode() + HEAD_END + step.body

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Cut answers out by their length; 204 has none."""
        self._rest += data
        while (end := self._rest.find(HEAD_END)) >= 0:
            status = int(self._rest[9:12])
            at = self._rest.find(LENGTH, 0, end)
            start = end + len(HEAD_END)
            size = 0 if at < 0 else int(self._rest[at + len(LENGTH) : self._rest.index(b"\r", at)])
            if len(self._rest) < start + size:
                return
            body = self._rest[start : start + size]
            self._rest = self._rest[start + size :]
            yield Answer(0, status, body)


class SocketReply(msgspec.Struct):
    """A message of the simulator's websocket."""

    id: int
    status: int
    body: msgspec.Raw = msgspec.Raw()


class WebSocketWire:
    """The simulator's websocket; answers are told apart by the number of their request."""

    def __init__(self) -> None:
        self.owed = b""
        self._rest = b""
        self._open = False
        self._known = False
        self._decoder = msgspec.json.Decoder(SocketReply)

    def greeting(self, host: str, token: str) -> bytes:
        """Ask for the websocket; one that belongs to a bot tells its token here, once."""
        lines = [
            "GET /sim/socket HTTP/1.1",
            f"host: {host}",
            "upgrade: websocket",
            "connection: upgrade",
            "sec-websocket-version: 13",
            "sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==",
        ]
        if token:
            self._known = True
            lines.append(f"authorization: Bearer {token}")
        return "\r\n".join(lines).encode() + HEAD_END

    def frame(self, number: int, step: Step) -> bytes:
        """Write a request as one masked frame."""
        parts = [b'{"id":%d,"method":"%b","path":"%b"' % (number, *named(step))]
        if step.token and not self._known:
            parts.append(b',"token":"%b"' % step.token.encode())
        if step.body:
            parts.append(b',"body":%b' % step.body)
        payload = b"".join((*parts, b"}"))
        if len(payload) < 126:
            head = struct.pack("!BB", BINARY_FRAME, MASKED | len(payload))
        else:
            head = struct.pack("!BBH", BINARY_FRAME, MASKED | 126, len(payload))
        return head + NO_MASK + payload

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Cut answers out by the lengths of their frames."""
        self._rest += data
        if not self._open:
            end = self._rest.find(HEAD_END)
            if end < 0:
                return
            if not self._rest.startswith(b"HTTP/1.1 101"):
                raise ConnectionError("the simulator did not open a websocket")
            self._open, self._rest = True, self._rest[end + len(HEAD_END) :]
        while (whole := self._whole()) is not None:
            start, end = whole
            kind, payload = self._rest[0], self._rest[start:end]
            self._rest = self._rest[end:]
            if kind in (CLOSE, PING, PONG):
                self._control(kind, payload)
                continue
            reply = self._decoder.decode(payload)
            yield Answer(reply.id, reply.status, bytes(reply.body))

    def _control(self, kind: int, payload: bytes) -> None:
        """Answer a ping: a server takes a line without an answer for dead."""
        if kind == CLOSE:
            raise ConnectionError("the simulator has closed the websocket")
        if kind == PING:
            self.owed += bytes([PONG, MASKED | len(payload)]) + NO_MASK + payload

    def _whole(self) -> tuple[int, int] | None:
        """Tell where the payload of the first frame begins and ends; None if it is not whole."""
        rest = self._rest
        if len(rest) < 2:
            return None
        size = rest[1]
        start = 4 if size == 126 else 10 if size == 127 else 2
        if len(rest) < start:
            return None
        if size >= 126:
            size = int.from_bytes(rest[2:start])
        return (start, start + size) if len(rest) >= start + size else None


def named(step: Step) -> tuple[bytes, bytes]:
    """Write method and path."""
    return step.method.encode(), step.path.encode()
