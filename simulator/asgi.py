"""The thinnest possible ASGI application around the simulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator import listening, sockets
from fleet.simulator.faults.trouble import Trouble
from fleet.simulator.faults.wire import leg, lose
from fleet.simulator.queries import Queries
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
        self._queries = Queries()

    @property
    def prompt(self) -> bool:
        """Whether requests are answered at once: no fault makes any of them wait."""
        return not self._simulator.faults.active

    def answer(
        self,
        method: str,
        path: bytes,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes | None,
        client: str,
    ) -> HttpResponse:
        """Answer one request without waiting; only while `prompt`."""
        return self._handle(self._request(method, path, query, headers, body), client, None)

    def _request(
        self,
        method: str,
        path: bytes,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes | None,
    ) -> HttpRequest:
        return HttpRequest(
            method="GET" if method == "HEAD" else method,
            path=path.decode("latin-1"),
            query=self._queries.pairs(query.decode("latin-1")) if query else (),
            headers=read_headers(headers, READ_HEADERS),
            body=body,
        )

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or all of a websocket's."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        body = await read_body(receive)
        path, query, headers = scope["raw_path"], scope["query_string"], scope["headers"]
        request = self._request(scope["method"], path, query, headers, body)
        client = scope.get("client")
        address = client[0] if client else ""
        trouble = self._simulator.trouble(request)
        if trouble is None:
            await deliver(send, self._handle(request, address, None))
        else:
            await self._carry(request, address, trouble, scope, receive, send)

    async def _socket(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve a websocket, if there is one at its path."""
        if scope["path"] == listening.PATH:
            await self._listen(scope, receive, send)
            return
        if scope["path"] != sockets.PATH:
            await receive()
            await send({"type": "websocket.close", "code": sockets.NOT_HERE})
            return
        client = scope.get("client")
        address = client[0] if client else ""
        usual = read_headers(scope["headers"], READ_HEADERS[:1])
        socket = sockets.Socket(self._simulator, self._handle, self._queries, address, usual, send)
        await socket.serve(receive, scope.get("extensions", {}).get(sockets.SHORT_CUT))

    async def _listen(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve a listener to departures; others are turned away with 403."""
        await receive()
        heads = dict(scope["headers"])
        authorization = heads.get(b"authorization", b"").decode("latin-1")
        if self._simulator.may_listen(authorization):
            await listening.listen(self._simulator.feed, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _handle(self, request: HttpRequest, client: str, trouble: Trouble | None) -> HttpResponse:
        try:
            return self._simulator.handle(request, client, trouble)
        except OSError as error:
            # The command could not be logged: memory is ahead of the disk, so we must end.
            self._on_fault(error)
            return HttpResponse(status=500)

    async def _carry(
        self,
        request: HttpRequest,
        client: str,
        trouble: Trouble,
        scope: Mapping[str, Any],
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer a request that meets faults on its way there or back."""
        clock = self._simulator.clock
        await leg(trouble.request_leg, clock)
        if trouble.loses_request and trouble.loss:
            await lose(trouble.loss, scope, receive)
            return
        answer = self._handle(request, client, trouble)
        await leg(trouble.reply_leg, clock)
        if trouble.loss:
            if trouble.loss == "cut":
                await deliver(send, answer, half=True)
            await lose(trouble.loss, scope, receive)
            return
        await deliver(send, answer)


async def deliver(send: Send, answer: HttpResponse, *, half: bool = False) -> None:
    """Send an answer, or so much of it that the peer misses the rest."""
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = answer.body[: len(answer.body) // 2] if half else answer.body
    await send({"type": "http.response.body", "body": body, "more_body": half})


def read_headers(
    headers: Iterable[tuple[bytes, bytes]], wanted: tuple[bytes, ...]
) -> dict[str, str]:
    """Read the headers that are looked at."""
    return {name.decode(): value.decode("latin-1") for name, value in headers if name in wanted}


async def read_body(receive: Receive) -> bytes | None:
    """Read the whole body; what exceeds the limit is cut off and then refused as no JSON."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        if len(body) <= MOST_BODY:
            body += message.get("body", b"")
    return body or None
