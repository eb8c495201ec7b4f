"""The same operations over a websocket: each message has an id, and its answer bears the same.

One socket may carry requests of many bots at once. An answer that a fault delays is overtaken
by the later ones, so whoever shares a socket goes by the id and not by the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.faults.trouble import Loss, Trouble
from fleet.simulator.faults.wire import leg

if TYPE_CHECKING:
    from fleet.simulator.queries import Queries
    from fleet.simulator.simulator import Simulator

PATH = "/sim/socket"
SHORT_CUT = "fleet.short_cut"
"""Extension of the ASGI scope under which a connection offers to ask without waiting."""

GOING_AWAY = 1001
NOT_HERE = 4404
JSON_HEADERS = {"content-type": "application/json"}
KEPT_HEADERS = frozenset(
    (
        *("retry-after", "date", "x-sim-time", "x-ratelimit-type", "x-ratelimit-limit-burst"),
        *("x-ratelimit-limit-per-second", "x-ratelimit-remaining", "x-ratelimit-reset"),
    )
)
"""Headers that tell something which the body doesn't."""

Receive = Callable[[], Any]
Send = Callable[[Mapping[str, Any]], Any]
Handle = Callable[[HttpRequest, str, Trouble | None], HttpResponse]


class Asked(Protocol):
    """Answers a message at once, or with None if it has to take the long way."""

    def __call__(self, content: bytes) -> bytes | None:
        """Answer a message."""
        ...


class ShortCut(Protocol):
    """A connection that passes messages on without queue and task, if it is told to whom."""

    def open_to(self, asked: Asked) -> None:
        """Say who answers from now on."""
        ...


class Call(msgspec.Struct):
    """A request as a websocket message."""

    id: int | str
    method: str
    path: str
    """Path with `/v2` in front, and the query if there is one."""

    token: str | None = None
    """Whose request it is; without it that of the handshake's `Authorization`."""

    body: msgspec.Raw = msgspec.Raw()


class Reply(msgspec.Struct):
    """An answer as a websocket message; a body that is not JSON comes as text."""

    id: int | str | None
    status: int
    headers: dict[str, str]
    body: msgspec.Raw | str | None


class Socket:
    """One client's connection; runs in the event loop's thread."""

    def __init__(
        self,
        simulator: Simulator,
        handle: Handle,
        queries: Queries,
        client: str,
        headers: Mapping[str, str],
        send: Send,
    ) -> None:
        self._simulator = simulator
        self._handle = handle
        self._queries = queries
        self._client = client
        self._headers = headers
        self._send = send
        self._decoder = msgspec.json.Decoder(Call)
        self._encoder = msgspec.json.Encoder()
        self._delayed: set[asyncio.Task[None]] = set()

    async def serve(self, receive: Receive, short_cut: ShortCut | None = None) -> None:
        """Answer messages until the client leaves."""
        await receive()
        await self._send({"type": "websocket.accept"})
        if short_cut is not None:
            short_cut.open_to(self.at_once)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self._message(message)
        finally:
            for task in self._delayed:
                task.cancel()

    def at_once(self, content: bytes) -> bytes | None:
        """Answer a sound message that meets no faults; None for all others."""
        if self._simulator.faults.active or self._delayed:
            return None
        try:
            call = self._decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        answer = self._handle(self._request(call), self._client, None)
        return self._encoder.encode(as_reply(call, answer))

    def _request(self, call: Call) -> HttpRequest:
        """Turn a message into the request that it stands for.

        The handshake says who asks where the message doesn't.
        """
        path, _, query = call.path.partition("?")
        headers = self._headers
        if call.token is not None:
            headers = {"authorization": f"Bearer {call.token}"}
        body = bytes(call.body)
        return HttpRequest(
            method=call.method,
            path=path,
            query=self._queries.pairs(query) if query else (),
            headers={**headers, **JSON_HEADERS} if body else headers,
            body=body or None,
        )

    async def _message(self, message: Mapping[str, Any]) -> None:
        content = message.get("text")
        binary = content is None
        if content is None:
            content = message["bytes"]
        try:
            call = self._decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            await self._answer(Reply(None, 400, {}, refused(str(error))), binary=binary)
            return
        request = self._request(call)
        trouble = self._simulator.trouble(request)
        if trouble is None:
            answer = self._handle(request, self._client, None)
            await self._answer(as_reply(call, answer), binary=binary)
        else:
            task = asyncio.ensure_future(self._delay(call, request, trouble, binary=binary))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)

    async def _delay(
        self, call: Call, request: HttpRequest, trouble: Trouble, *, binary: bool
    ) -> None:
        """Answer a request that meets faults, while others go by."""
        clock = self._simulator.clock
        await leg(trouble.request_leg, clock)
        if trouble.loses_request and trouble.loss:
            await self._lose(trouble.loss)
            return
        answer = self._handle(request, self._client, trouble)
        await leg(trouble.reply_leg, clock)
        if trouble.loss:
            await self._lose(trouble.loss)
            return
        await self._answer(as_reply(call, answer), binary=binary)

    async def _lose(self, loss: Loss) -> None:
        """Close the socket, or leave this one message without an answer."""
        if not loss.startswith("hang"):
            await self._send({"type": "websocket.close", "code": GOING_AWAY})

    async def _answer(self, reply: Reply, *, binary: bool) -> None:
        content = self._encoder.encode(reply)
        if binary:
            await self._send({"type": "websocket.send", "bytes": content})
        else:
            await self._send({"type": "websocket.send", "text": content.decode()})


def as_reply(call: Call, answer: HttpResponse) -> Reply:
    """Turn an answer into a message."""
    body: msgspec.Raw | str | None = None
    if answer.body:
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        body = msgspec.Raw(answer.body) if is_json else answer.body.decode("utf-8", "replace")
    headers = {name: text for name, text in answer.headers.items() if name in KEPT_HEADERS}
    return Reply(call.id, answer.status, headers, body)


def refused(reason: str) -> msgspec.Raw:
    """Say what a message should look like."""
    text = f"Send an object with id, method, path, and token and body where needed ({reason})."
    return msgspec.Raw(msgspec.json.encode({"error": {"code": 3000, "message": text}}))
