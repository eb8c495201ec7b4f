"""One request and its answer on a connected socket: HTTP/1.1, as little of it as an API needs.

`http.client` reads headers with the parser for mail, which alone costs as much as all the rest of
a request; a worker does nothing but this some hundred times a second.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet.protocol.transport import HttpRequest, HttpResponse

CHUNK = 1 << 16
MOST_HEAD = 1 << 16
"""Bytes of headers, beyond which a server is not believed to speak HTTP."""

MOST_BODY = 1 << 26

_UNSAFE = re.compile(r"[^!-~]")
_LINE_BREAK = re.compile(r"[\r\n\0]")


class BadAnswer(ValueError):
    """What came is no HTTP, or not the whole of it."""


def write_request(request: HttpRequest, target: str, host: str) -> bytes:
    """Write a request down. Raises ValueError for what would end a line."""
    if _UNSAFE.search(target):
        raise ValueError(f"the path {target!r} is not quoted")
    head = f"{request.method} {target} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: identity\r\n"
    for name, value in request.headers.items():
        if _LINE_BREAK.search(value):
            raise ValueError(f"the header {name} has a line break")
        head += f"{name}: {value}\r\n"
    body = request.body
    if body is not None:
        head += f"content-length: {len(body)}\r\n"
    elif request.method != "GET":
        head += "content-length: 0\r\n"
    return head.encode("latin-1") + b"\r\n" + (body or b"")


@dataclass(slots=True)
class Reading:
    """Reads one answer off a socket; `check` is called at each part and may raise."""

    connection: socket.socket
    check: Callable[[], None]
    stays: bool = True
    """Whether the server keeps the connection open afterwards."""

    _buffer: bytes = b""

    def answer(self, method: str) -> HttpResponse:
        """Read the whole answer. Raises BadAnswer or OSError."""
        while True:
            status, headers, version = self._head()
            # 100 and 103 only announce the answer.
            if status >= 200 or status == 101:
                break
        told = headers.get("connection", "").lower()
        self.stays = told == "keep-alive" if version == b"HTTP/1.0" else told != "close"
        body = self._body(method, status, headers)
        if self._buffer:
            self.stays = False
        return HttpResponse(status=status, headers=headers, body=body)

    def _more(self) -> None:
        part = self.connection.recv(CHUNK)
        if not part:
            raise BadAnswer("the connection ended within an answer")
        self._buffer = self._buffer + part if self._buffer else part
        self.check()

    def _head(self) -> tuple[int, dict[str, str], bytes]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MOST_HEAD:
                raise BadAnswer("the headers have no end")
            self._more()
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        version, _, rest = lines[0].partition(" ")
        if version not in ("HTTP/1.1", "HTTP/1.0") or not rest[:3].isdigit():
            raise BadAnswer(f"no status line of HTTP: {lines[0][:80]!r}")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon:
                raise BadAnswer(f"no header: {line[:80]!r}")
            headers[name.lower()] = value.strip()
        return int(rest[:3]), headers, version.encode()

    def _body(self, method: str, status: int, headers: Mapping[str, str]) -> bytes:
        if method == "HEAD" or status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = headers.get("content-length")
        if length is None:
            return self._rest()
        if not length.isdigit() or int(length) > MOST_BODY:
            raise BadAnswer(f"content-length is {length[:80]!r}")
        return self._take(int(length))

    def _take(self, length: int) -> bytes:
        if len(self._buffer) < length:
            self._gather(length)
        taken, self._buffer = self._buffer[:length], self._buffer[length:]
        return taken

    def _gather(self, length: int) -> None:
        parts, there = [self._buffer], len(self._buffer)
        while there < length:
            self._buffer = b""
            self._more()
            parts.append(self._buffer)
            there += len(self._buffer)
        self._buffer = b"".join(parts)

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MOST_HEAD:
                raise BadAnswer("a line has no end")
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        size = -1
        while size:
            text = self._line().partition(b";")[0].strip()
            try:
                size = int(text, 16)
            except ValueError:
                raise BadAnswer(f"no size of a chunk: {text[:20]!r}") from None
            if size < 0 or size > MOST_BODY:
                raise BadAnswer(f"a chunk of {size} bytes")
            if size:
                parts.append(self._take(size))
                self._line()
        # Trailers, up to the empty line.
        while self._line():
            pass
        return b"".join(parts)

    def _rest(self) -> bytes:
        """Read until the server closes."""
        self.stays = False
        parts = [self._buffer]
        self._buffer = b""
        there = len(parts[0])
        while part := self.connection.recv(CHUNK):
            parts.append(part)
            there += len(part)
            self.check()
            if there > MOST_BODY:
                raise BadAnswer("the body has no end")
        return b"".join(parts)
