"""The thinnest possible ASGI application around the simulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.simulator import Simulator

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MOST_BODY = 1 << 20
READ_HEADERS = (b"authorization", b"content-type")


class SimulatorApp:
    """Turns ASGI into the simulator's requests and back; runs in the event loop's thread."""

    def __init__(self, simulator: Simulator, on_fault: Callable[[OSError], None]) -> None:
        self._simulator = simulator
        self._on_fault = on_fault

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await read_body(receive)
        request = HttpRequest(
            method="GET" if scope["method"] == "HEAD" else scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=tuple(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={
                name.decode(): value.decode("latin-1")
                for name, value in scope["headers"]
                if name in READ_HEADERS
            },
            body=body,
        )
        client = scope.get("client")
        try:
            answer = self._simulator.handle(request, client[0] if client else "")
        except OSError as error:
            # The command could not be logged: memory is ahead of the disk, so we must end.
            self._on_fault(error)
            answer = HttpResponse(status=500)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        if answer.status != 204:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


async def read_body(receive: Receive) -> bytes | None:
    """Read the whole body; what exceeds the limit is cut off and then refused as no JSON."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        if len(body) <= MOST_BODY:
            body += message.get("body", b"")
    return body or None
