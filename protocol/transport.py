"""How a request leaves the fleet: over HTTP, or straight into a simulator in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, without host."""

    method: str
    path: str
    """Absolute path with `/v2` in front, already quoted, without query."""

    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    """Header names in lower case."""

    body: bytes | None = None
    silence: float | None = None
    """Longest silence that is borne, in wall seconds; None: as long as the transport is set to."""

    ready: Callable[[], None] | None = None
    """Called once, in the sending thread, when nothing is left to do but to send; may wait."""


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer as it came; nothing in it is validated."""

    status: int
    headers: Mapping[str, str] = {}
    """Header names in lower case."""

    body: bytes = b""


class Transport(Protocol):
    """Sends one request and waits for its answer, in the calling thread."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait. Raises TransportError when no whole answer came."""
        ...

    def cancel(self) -> None:
        """End a `send` that another thread waits in; callable from any thread."""
        ...
