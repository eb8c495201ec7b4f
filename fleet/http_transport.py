"""Requests over HTTP: one kept connection per worker, which another thread may cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import parse_url
from urllib3.util.wait import wait_for_read

from fleet.http_exchange import Reading, write_request
from fleet.protocol.clock import Monotonic
from fleet.protocol.errors import TransportError, UsageError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.socket_silence import bear, told_by

KEEP_ALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3))
"""A peer that is gone without a word is noticed after about 20 s, even on an idle connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Wall seconds; all of them together stay below a worker's budget."""

    connect: float = 3.0
    read: float = 10.0
    """Longest silence while an answer is awaited or read."""

    whole: float = 15.0
    """Longest time for a whole answer, however steadily it trickles."""

    idle: float = 4.0
    """A connection unused for longer is closed first: the server may be closing it just then,
    and then nobody could tell whether a request on it was acted on."""


class HttpTransport:
    """Sends to one server. `send` in one thread at a time; `cancel` in any thread."""

    def __init__(
        self,
        base_url: str,
        monotonic: Callable[[], Monotonic],
        settings: HttpSettings | None = None,
    ) -> None:
        self._settings = settings or HttpSettings()
        self._monotonic = monotonic
        self._line = _Line()
        self._used = monotonic()
        self._borne: float | None = None
        """What silence the connection bears; None for one that has just been opened."""

        url = parse_url(base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise UsageError(f"give the server as http://host:port, not {base_url!r}")
        self._prefix = (url.path or "").rstrip("/")
        self._host = url.netloc or url.host
        self._connection = self._make(url.scheme, url.host.strip("[]"), url.port)
        # A worker that is replaced leaves its transport to the collector.
        weakref.finalize(self, self._connection.close)

    def _make(self, scheme: str, host: str, port: int | None) -> HTTPConnection:
        options: dict[str, Any] = {
            "timeout": self._settings.connect,
            "socket_options": _socket_options(),
        }
        if scheme == "https":
            # Told, since only the pool has it by itself.
            return HTTPSConnection(host, port, cert_reqs="CERT_REQUIRED", **options)
        return HTTPConnection(host, port, **options)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait for the whole answer. Raises TransportError."""
        self._line.stands = False
        self._line.check()
        try:
            written = write_request(request, self._target(request), self._host)
            connection = self._connect(self._monotonic())
            self._bear(connection, request.silence)
            if request.ready is not None:
                request.ready()
                self._line.check()
            began = self._monotonic()
            self._line.stands = True
            connection.sendall(written)
            reading = Reading(connection, partial(self._check, began))
            answer = reading.answer()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._connection.close()
            raise TransportError(_reason(told_by(error)), sent=self._line.stands) from error
        if not reading.stays:
            self._connection.close()
        self._used = self._monotonic()
        return answer

    def _connect(self, now: Monotonic) -> socket.socket:
        """Give the kept connection, or a new one where nobody can tell whether it still stands."""
        connection = self._connection
        kept = connection.sock
        if kept is not None:
            if now - self._used <= self._settings.idle and not wait_for_read(kept, timeout=0):
                return kept
            connection.close()
        connection.connect()
        opened = connection.sock
        assert opened is not None
        self._borne = None
        self._line.hold(opened)
        return opened

    def _bear(self, connection: socket.socket, silence: float | None) -> None:
        read = self._settings.read if silence is None else min(silence, self._settings.read)
        # A system call, so only when it is another one.
        if self._borne != read:
            bear(connection, read)
            self._borne = read

    def cancel(self) -> None:
        """Cut the connection for good: whoever waits for an answer gets a TransportError now."""
        self._line.cut()

    def _target(self, request: HttpRequest) -> str:
        query = f"?{urlencode(request.query)}" if request.query else ""
        return f"{self._prefix}{request.path}{query}"

    def _check(self, began: Monotonic) -> None:
        if self._monotonic() - began > self._settings.whole:
            raise TimeoutError(f"no whole answer within {self._settings.whole:g} s")


class _Line:
    """The socket in use, so that another thread can shut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False
        self.stands = False
        """The connection is made, handshake and all: what fails from then on may have left."""

    def hold(self, connection: socket.socket | None) -> None:
        """Remember the newest connection's socket; shut at once after a cut."""
        with self._lock:
            self._socket = connection
            if self._cut:
                self._shut()

    def check(self) -> None:
        """Raise TransportError after a cut."""
        if self._cut:
            raise TransportError("the transport was cancelled", sent=False)

    def cut(self) -> None:
        """Shut the socket, now and in future."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        # By the base class: SSLSocket.shutdown would pull its state from under the reader.
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _socket_options() -> list[tuple[int, int, int]]:
    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    for name, seconds in KEEP_ALIVE:
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), seconds))
    return options


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
