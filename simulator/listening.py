"""The departure feed over a websocket; runs in the event loop's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

import msgspec

from fleet.simulator.feed import Feed

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

PATH = "/v2/my/socket.io"
MOST_WAITING = 1_000
"""Events that a slow listener may have waiting; the oldest are dropped for newer ones."""


class Wish(msgspec.Struct, rename="camel"):
    """What a listener asks for."""

    action: Literal["subscribe", "unsubscribe"]
    system_symbol: str


async def listen(feed: Feed, receive: Receive, send: Send) -> None:
    """Serve one listener until it leaves."""
    await send({"type": "websocket.accept"})
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def hear(event: dict[str, Any]) -> None:
        if waiting.qsize() >= MOST_WAITING:
            waiting.get_nowait()
        waiting.put_nowait(event)

    systems: set[str] = set()
    speaking = asyncio.ensure_future(speak(waiting, send))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            heed(message.get("text") or message.get("bytes") or "", feed, systems, hear)
    finally:
        speaking.cancel()
        with suppress(asyncio.CancelledError):
            await speaking
        for system in systems:
            feed.unsubscribe(system, hear)


async def speak(waiting: asyncio.Queue[dict[str, Any]], send: Send) -> None:
    """Send events as they come."""
    while True:
        event = await waiting.get()
        await send({"type": "websocket.send", "text": msgspec.json.encode(event).decode()})


def heed(
    text: str | bytes, feed: Feed, systems: set[str], hear: Callable[[dict[str, Any]], None]
) -> None:
    """Do what a message asks for; tell the listener what is wrong with one that can't be read."""
    try:
        wish = msgspec.json.decode(text, type=Wish)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = 'send {"action": "subscribe", "systemSymbol": "X1-AB1"}'
        hear({"error": {"code": 3001, "message": f"{error}; {hint}."}})
        return
    if wish.action == "subscribe":
        feed.subscribe(wish.system_symbol, hear)
        systems.add(wish.system_symbol)
    else:
        feed.unsubscribe(wish.system_symbol, hear)
        systems.discard(wish.system_symbol)
