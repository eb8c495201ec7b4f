"""Listens in between a fleet and its server, and notes each request as it passes."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .patience import CLOCK

REQUEST_LINE = re.compile(rb"^(GET|POST|PATCH|PUT|DELETE) (/[^ ]*) HTTP/1\.1\r\n", re.MULTILINE)

ABOUT_ITSELF = re.compile(r"GET /v2(/my/.*|/systems/[^/]+(/waypoints(\?.*)?)?|)$")
"""Requests by which a fleet only finds out who and where it is."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    line: str
    """Method and path."""

    at: float
    """Monotonic wall time."""

    @property
    def useful(self) -> bool:
        """Whether it acts or reads a price."""
        return not ABOUT_ITSELF.match(self.line)


class Wiretap:
    """Forwards every connection to a server; `close` it in any case."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._server = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.heard: list[Heard] = []
        self._run(self._accept)

    @property
    def url(self) -> str:
        """Where to send what is meant for the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def api_calls(self) -> list[Heard]:
        """List the requests of the game so far; looks at the clock are free."""
        return [heard for heard in list(self.heard) if " /v2" in heard.line]

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                self._run(self._pass_requests, client, server)
                self._run(self._pass, server, client)

    def _pass_requests(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                for method, path in REQUEST_LINE.findall(data):
                    self.heard.append(
                        Heard(f"{method.decode()} {path.decode()}", CLOCK.monotonic())
                    )
                server.sendall(data)
        self._end(server)

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        self._end(to)

    @staticmethod
    def _end(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Cut everything off."""
        for connection in [self._listener, *self._open]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
        for connection in [self._listener, *self._open]:
            connection.close()
