"""Answers the owner's commands on the control socket."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from fleet.control.connection import Connection
from fleet.control.handling import Handler, HandlerPool
from fleet.control.listener import Listener, peer
from fleet.control.wire import LINE_MOST, BadRequest, decode_request, encode_error

if TYPE_CHECKING:
    from fleet.runtime.events import EventSink

CONNECTIONS_MOST = 32
"""Clients at once; a further one takes the place of whoever has been silent the longest."""

THREADS = 4
"""Handlers that run at once."""


class ControlServer:
    """One daemon thread for all clients, and a few for the handlers.

    A client's requests are handled one after the other; those of several clients side by side.
    """

    def __init__(
        self,
        path: Path,
        handlers: Mapping[str, Handler],
        events: EventSink,
        *,
        owner: int | None = None,
    ) -> None:
        """Name the socket and what it can do; `owner` is the user id that may ask, else ours."""
        self._path = path
        self._events = events
        self._owner = os.geteuid() if owner is None else owner
        self._pool = HandlerPool(handlers, events, threads=THREADS)
        self._replies: SimpleQueue[tuple[Connection, bytes]] = SimpleQueue()
        self._connections: set[Connection] = set()
        self._count = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen from now on. Raises SetupError if a fleet answers there, or it can't listen."""
        self._listener = Listener(self._path)
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._listener.socket, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._deliver)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and remove the socket; may be called twice, or without a start."""
        if self._thread is None or self._stopping.is_set():
            return
        self._stopping.set()
        self._wake()
        self._thread.join()
        self._waker.close()
        self._pool.close()

    def _serve(self) -> None:
        try:
            while not self._stopping.is_set():
                for key, _ in self._selector.select():
                    key.data()
        finally:
            self._listener.close()
            for connection in tuple(self._connections):
                self._drop(connection)
            self._selector.close()
            self._woken.close()

    def _accept(self) -> None:
        try:
            client, _ = self._listener.socket.accept()
        except BlockingIOError:
            return
        except OSError as error:
            # Out of descriptors: the client stays in the queue, which would wake us at once.
            self._events.emit("control.starved", level="warning", text=str(error))
            self._stopping.wait(0.1)
            return
        self._count += 1
        connection = Connection(client, used=self._count)
        sentence = self._objection(client)
        self._connections.add(connection)
        if sentence is not None:
            self._refuse(connection, BadRequest(sentence))
        self._settle(connection)

    def _objection(self, client: socket.socket) -> str | None:
        other = peer(client)
        if other is not None and other[1] != self._owner:
            text = f"user {other[1]} (process {other[0]}) tried the control socket"
            self._events.emit("control.refused", level="warning", text=text)
            return "Only the fleet's owner may ask it."
        if len(self._connections) < CONNECTIONS_MOST:
            return None
        silent = [one for one in self._connections if not one.busy and not one.unsent]
        if not silent:
            return f"The fleet has {CONNECTIONS_MOST} clients already; try again."
        self._drop(min(silent, key=lambda one: one.used))
        return None

    def _converse(self, connection: Connection) -> None:
        """Read and write what is possible without waiting."""
        # Whoever made room for a newcomer may still stand in what the selector told.
        if connection not in self._connections:
            return
        try:
            connection.flush()
            if not connection.busy and not connection.ended:
                connection.receive()
        except OSError:
            self._drop(connection)
            return
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        """Start the next request if there is one, and wait for what is due next."""
        if not connection.busy and not connection.unsent:
            self._next_request(connection)
        if connection.ended and not connection.busy and not connection.unsent:
            self._drop(connection)
        elif connection in self._connections:
            self._watch(connection)

    def _next_request(self, connection: Connection) -> None:
        line = connection.take_line()
        if line is None:
            if connection.overlong:
                limit = f"A request takes at most {LINE_MOST} bytes in one line."
                self._refuse(connection, BadRequest(limit))
            return
        try:
            request = decode_request(line)
        except BadRequest as bad:
            self._refuse(connection, bad)
            return
        self._count += 1
        connection.used = self._count
        connection.busy = True
        self._pool.submit(request, partial(self._finish, connection))

    def _finish(self, connection: Connection, reply: bytes) -> None:
        """Hand a reply to the server's thread; called in the handler's."""
        self._replies.put((connection, reply))
        self._wake()

    def _deliver(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        with suppress(Empty):
            while True:
                connection, reply = self._replies.get_nowait()
                connection.busy = False
                self._send(connection, reply)

    def _send(self, connection: Connection, data: bytes) -> None:
        if connection not in self._connections:
            return
        try:
            connection.send(data)
        except OSError:
            self._drop(connection)
            return
        self._settle(connection)

    def _refuse(self, connection: Connection, bad: BadRequest) -> None:
        """Say what was wrong, and that is the end of it."""
        connection.ended = True
        with suppress(OSError):
            connection.send(encode_error(bad.id, str(bad), "usage"))

    def _watch(self, connection: Connection) -> None:
        """Have the selector wake us for what this connection waits for, or not at all."""
        reading = selectors.EVENT_READ if not connection.busy and not connection.ended else 0
        wanted = reading | (selectors.EVENT_WRITE if connection.unsent else 0)
        self._forget(connection)
        if wanted:
            self._selector.register(connection.socket, wanted, partial(self._converse, connection))

    def _forget(self, connection: Connection) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection.socket)

    def _drop(self, connection: Connection) -> None:
        self._forget(connection)
        self._connections.discard(connection)
        connection.socket.close()

    def _wake(self) -> None:
        # A full pipe wakes as well; a closed one needs no waking.
        with suppress(OSError):
            self._waker.send(b"\0")
