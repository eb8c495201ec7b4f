"""Requests over HTTP: one kept connection per worker, which another thread may cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Timeout, parse_url

from fleet.protocol.clock import Monotonic
from fleet.protocol.errors import TransportError, UsageError
from fleet.protocol.transport import HttpRequest, HttpResponse

KEEP_ALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3))
"""A peer that is gone without a word is noticed after about 20 s, even on an idle connection."""

CHUNK = 1 << 16


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
        url = parse_url(base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise UsageError(f"give the server as http://host:port, not {base_url!r}")
        self._prefix = (url.path or "").rstrip("/")
        self._pool = self._open(url.scheme, url.host, url.port)

    def _open(self, scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
        options: dict[str, Any] = {
            "maxsize": 1,
            "timeout": Timeout(connect=self._settings.connect, read=self._settings.read),
            "retries": False,
            "socket_options": _socket_options(),
            "line": self._line,
        }
        if scheme == "https":
            return _HttpsPool(host, port, **options)
        return _HttpPool(host, port, **options)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait for the whole answer. Raises TransportError."""
        began = self._monotonic()
        if began - self._used > self._settings.idle:
            self._drop()
        self._line.check()
        try:
            answer = self._pool.urlopen(
                request.method,
                self._target(request),
                body=request.body,
                headers=dict(request.headers),
                preload_content=False,
                redirect=False,
            )
            body = self._read(answer, began)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._drop()
            raise TransportError(_reason(error), sent=self._line.stands) from error
        self._used = self._monotonic()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(status=answer.status, headers=headers, body=body)

    def cancel(self) -> None:
        """Cut the connection for good: whoever waits for an answer gets a TransportError now."""
        self._line.cut()

    def _target(self, request: HttpRequest) -> str:
        query = f"?{urlencode(request.query)}" if request.query else ""
        return f"{self._prefix}{request.path}{query}"

    def _read(self, answer: urllib3.BaseHTTPResponse, began: Monotonic) -> bytes:
        parts: list[bytes] = []
        for part in answer.stream(CHUNK):
            parts.append(part)
            if self._monotonic() - began > self._settings.whole:
                answer.close()
                raise TimeoutError(f"no whole answer within {self._settings.whole:g} s")
        answer.release_conn()
        return b"".join(parts)

    def _drop(self) -> None:
        """Close the kept connection; the pool opens a new one."""
        with contextlib.suppress(OSError, urllib3.exceptions.HTTPError):
            connection = self._pool._get_conn(timeout=0)
            connection.close()
            self._pool._put_conn(connection)


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
        self.stands = True
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


class _HttpConnection(HTTPConnection):
    def __init__(self, *args: Any, line: _Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line = line

    def connect(self) -> None:
        self._line.stands = False
        super().connect()
        self._line.hold(self.sock)


class _HttpsConnection(HTTPSConnection):
    def __init__(self, *args: Any, line: _Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line = line

    def connect(self) -> None:
        self._line.stands = False
        super().connect()
        self._line.hold(self.sock)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


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
