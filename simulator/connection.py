"""One HTTP connection: what meets no faults is answered at once, the rest goes the way of ASGI.

For every request uvicorn makes a scope, an event and a task, so that an application may wait.
This one waits only when a fault makes it, so it answers out of the parser's callback instead,
at a fraction of the cost.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fleet.protocol.transport import HttpResponse
from fleet.simulator.asgi import MOST_BODY
from fleet.simulator.faults.wire import TRANSPORT

if TYPE_CHECKING:
    from fleet.simulator.asgi import SimulatorApp

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FAILED = HttpResponse(status=500, body=b"The server failed.")
STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}

logger = logging.getLogger(__name__)


class Connection(HttpToolsProtocol):
    """uvicorn's own protocol with a short cut; runs in the event loop's thread."""

    app: SimulatorApp
    _direct = False
    _body = b""

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._direct = False

    def on_headers_complete(self) -> None:
        """Choose the way that the request takes."""
        if self._ready():
            self._direct, self._body = True, b""
            if self.expect_100_continue:
                self.transport.write(CONTINUE)
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]
        super().on_headers_complete()

    def _ready(self) -> bool:
        """Whether nothing makes this request wait: no fault, no earlier one, no full buffer."""
        return (
            self.app.prompt
            and (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.flow.write_paused
            and not self.parser.should_upgrade()
        )

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; what exceeds the limit is cut off and refused as no JSON."""
        if not self._direct:
            super().on_body(body)
        elif len(self._body) <= MOST_BODY:
            self._body += body

    def on_message_complete(self) -> None:
        """Answer, unless the request takes the long way."""
        if not self._direct:
            super().on_message_complete()
            return
        method = self.parser.get_method().decode("ascii")
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        try:
            path, query = split(self.url)
            client = self.client[0] if self.client else ""
            answer = self.app.answer(method, path, query, self.headers, self._body or None, client)
        except Exception:
            logger.exception("request failed: %s", self.url)
            answer = FAILED
        self.transport.write(written(answer, head_only=method == "HEAD", keep=keep))
        if not keep:
            self.transport.close()
        self.on_response_complete()


def split(url: bytes) -> tuple[bytes, bytes]:
    """Cut the path and the query out of a request's target."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"/", parsed.query or b""


def written(answer: HttpResponse, *, head_only: bool, keep: bool) -> bytes:
    """Write an answer as it goes over the wire."""
    lines = [f"{name}: {value}\r\n" for name, value in answer.headers.items()]
    lines.insert(0, STATUS_LINES[answer.status])
    if answer.status != HTTPStatus.NO_CONTENT:
        lines.append(f"content-length: {len(answer.body)}\r\n")
    lines.append("\r\n" if keep else "connection: close\r\n\r\n")
    head = "".join(lines).encode("latin-1")
    return head if head_only else head + answer.body
