"""One request and its answer on a connected socket: HTTP/1.1, read by the parser that nodejs has.

`http.client` reads headers with the parser for mail, which alone costs as much as all the rest of
a request; a worker does nothing but this some hundred times a second.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

import httptools

from fleet.protocol.transport import HttpRequest, HttpResponse

CHUNK = 1 << 16
MOST_BODY = 1 << 26
MOST_HEAD = 1 << 16
"""Bytes of headers, beyond which a server is not believed to speak HTTP."""

SWITCHED = 101

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


class Reading:
    """Reads one answer off a socket; `check` is called at each part and may raise.

    The methods named `on_...` are for the parser.
    """

    def __init__(self, connection: socket.socket, check: Callable[[], None]) -> None:
        self._connection = connection
        self._check = check
        self._parser = httptools.HttpResponseParser(self)
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._head = self._size = 0
        self._complete = False
        self._headed = False
        self.stays = False
        """Whether the server keeps the connection open afterwards."""

    def answer(self) -> HttpResponse:
        """Read the whole answer. Raises BadAnswer or OSError."""
        try:
            while not self._complete:
                part = self._connection.recv(CHUNK)
                if not part:
                    self._ended()
                    break
                self._feed(part)
                self._check()
        finally:
            # It refers back to this object; freed at once, nothing is left to the collector.
            del self._parser
        return HttpResponse(status=self._status, headers=self._headers, body=b"".join(self._parts))

    def _feed(self, part: bytes) -> None:
        try:
            self._parser.feed_data(part)
        except httptools.HttpParserError as error:
            # Whatever follows an answer makes the connection useless, and not the answer.
            if not self._complete:
                raise BadAnswer(f"no answer in HTTP: {error}; it began {part[:40]!r}") from error
            self.stays = False
        if not self._headed:
            self._head += len(part)
        if self._head > MOST_HEAD or self._size > MOST_BODY:
            raise BadAnswer("the answer has no end")

    def _ended(self) -> None:
        """Take the end of the connection for that of the answer, where it may be."""
        lengths = self._headers.keys() & {"content-length", "transfer-encoding"}
        if not self._headed or lengths:
            raise BadAnswer("the connection ended within an answer")

    def on_message_begin(self) -> None:
        """Begin the answer, or notice that something follows it."""
        if self._complete:
            self.stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the answer."""
        if not self._complete:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        """Take the status, which is known by now."""
        if not self._complete:
            self._status = self._parser.get_status_code()
            self._headed = True

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        if not self._complete:
            self._parts.append(part)
            self._size += len(part)

    def on_message_complete(self) -> None:
        """Take note of the end; 100 and 103 only announce the answer."""
        if self._complete:
            return
        if 100 <= self._status < 200 and self._status != SWITCHED:
            self._headers, self._headed = {}, False
            return
        self._complete = True
        self.stays = self._parser.should_keep_alive()
