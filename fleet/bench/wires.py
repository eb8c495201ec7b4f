"""What requests and answers look like on a socket: HTTP/1.1 kept alive, and a websocket."""

from __future__ import annotations

import struct
from collections.abc import Sequence
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
    """An answer as a bot has read it."""

    id: int
    status: int
    body: object = None
    """Decoded JSON; text where a server in trouble sent something else, None if nothing."""


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

    def feed(self, data: bytes) -> Sequence[Answer]:
        """Take what came and read the whole answers in it."""
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

    def feed(self, data: bytes) -> Sequence[Answer]:
        """Cut answers out by their length; 204 has none."""
        data = self._rest + data if self._rest else data
        answers: list[Answer] = []
        at = 0
        while (end := data.find(HEAD_END, at)) >= 0:
            length = data.find(LENGTH, at, end)
            start = end + len(HEAD_END)
            size = 0 if length < 0 else int(data[length + len(LENGTH) : data.index(b"\r", length)])
            if len(data) < start + size:
                break
            answers.append(Answer(0, int(data[at + 9 : at + 12]), read(data[start : start + size])))
            at = start + size
        self._rest = data[at:]
        return answers


def read(body: bytes) -> object:
    """Read a body as a bot does."""
    try:
        return msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return body.decode(errors="replace")


class WebSocketWire:
    """The simulator's websocket; answers are told apart by the number of their request."""

    def __init__(self) -> None:
        self.owed = b""
        self._rest = b""
        self._open = False
        self._known = False
        self._read = msgspec.json.Decoder(Answer).decode

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

    def feed(self, data: bytes) -> Sequence[Answer]:
        """Cut answers out by the lengths of their frames."""
        data = self._rest + data if self._rest else data
        answers: list[Answer] = []
        at = 0 if self._open else self._opened(data)
        while self._open and (piece := cut(data, at)) is not None:
            kind, payload, at = data[at], data[piece[0] : piece[1]], piece[1]
            if kind in (CLOSE, PING, PONG):
                self._control(kind, payload)
            else:
                answers.append(self._read(payload))
        self._rest = data[at:]
        return answers

    def _opened(self, data: bytes) -> int:
        """See whether the websocket is open by now; tell where its first frame begins."""
        end = data.find(HEAD_END)
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            raise ConnectionError("the simulator did not open a websocket")
        self._open = True
        return end + len(HEAD_END)

    def _control(self, kind: int, payload: bytes) -> None:
        """Answer a ping: a server takes a line without an answer for dead."""
        if kind == CLOSE:
            raise ConnectionError("the simulator has closed the websocket")
        if kind == PING:
            self.owed += bytes([PONG, MASKED | len(payload)]) + NO_MASK + payload


def cut(data: bytes, at: int) -> tuple[int, int] | None:
    """Tell where the payload of the frame that begins here does, and ends; None if not whole."""
    if len(data) < at + 2:
        return None
    size, start = data[at + 1], at + 2
    if size >= 126:
        start += 2 if size == 126 else 8
        if len(data) < start:
            return None
        size = int.from_bytes(data[at + 2 : start])
    return (start, start + size) if len(data) >= start + size else None


def named(step: Step) -> tuple[bytes, bytes]:
    """Write method and path."""
    return step.method.encode(), step.path.encode()
