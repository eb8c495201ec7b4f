"""Faults on the way: legs that take time, connections that die; runs in the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from fleet.simulator.clock import SimClock
from fleet.simulator.faults.trouble import Loss

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
LINGER_NOT = struct.pack("ii", 1, 0)
TRANSPORT = "fleet.transport"
"""Extension of the ASGI scope under which the server passes the connection."""


async def leg(seconds: float, clock: SimClock) -> None:
    """Let a leg take its game seconds."""
    if seconds > 0 and not clock.paused:
        await asyncio.sleep(seconds / clock.speed)


async def lose(loss: Loss, scope: Mapping[str, Any], receive: Receive) -> None:
    """Break the connection off, or keep it silent until the client has had enough."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if loss.startswith("hang") or transport is None:
        while (await receive())["type"] != "http.disconnect":
            pass
    elif loss == "cut":
        transport.close()
    else:
        reset(transport)


def reset(transport: asyncio.Transport) -> None:
    """Close a connection so that the peer gets a reset, not an end of file."""
    peer = transport.get_extra_info("socket")
    if peer is not None:
        with suppress(OSError), socket.socket(fileno=os.dup(peer.fileno())) as twin:
            # The option belongs to the connection, which both descriptors share.
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()
