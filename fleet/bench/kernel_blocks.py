"""Actors that hang on demand, in four ways, until somebody lets them go."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Literal

from fleet.runtime import Actor, Address, Context, Fenced

Kind = Literal["sleep", "recv", "lock", "spin"]
QUIET: tuple[Kind, ...] = ("sleep", "recv", "lock")
"""Kinds that leave the interpreter to others."""


@dataclass(slots=True, eq=False)
class Block:
    """Makes its receiver hang; knows how to end that."""

    kind: Kind
    seconds: float
    """How long a sleep takes, which nothing can end."""

    begun: float = 0.0
    """When the handler began, on the machine's steady clock."""

    _free: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sockets: tuple[socket.socket, ...] = ()

    def hang(self) -> None:
        """Do it, in the thread of the actor."""
        if self.kind == "recv":
            self._sockets = socket.socketpair()
        self._lock.acquire()
        self.begun = time.monotonic()
        match self.kind:
            case "sleep":
                time.sleep(self.seconds)
            case "recv":
                self._sockets[0].recv(1)
            case "lock":
                self._lock.acquire()
            case "spin":
                while not self._free:
                    pass

    def release(self) -> None:
        """Let the thread go; callable once, from another thread."""
        self._free = True
        if self.kind == "lock":
            self._lock.release()
        if self.kind == "recv":
            self._sockets[1].send(b".")

    def close(self) -> None:
        """Give the sockets back, when the thread is out."""
        for end in self._sockets:
            end.close()


@dataclass(frozen=True, slots=True)
class After:
    """A message queued behind a hang."""

    number: int


@dataclass(frozen=True, slots=True)
class Handled:
    """Tells the driver that an actor has handled what was behind its hang."""

    actor: int
    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Back:
    """Tells the driver that a zombie came back and tried its hand at an effect."""

    actor: int
    fenced: bool


Note = Handled | Back


class Hanging(Actor[Any]):
    """Hangs when told to, and notes everything else that it handles."""

    def __init__(self, actor: int, notes: SimpleQueue[Note], sink: Address[Any]) -> None:
        self._actor = actor
        self._notes = notes
        self._sink = sink

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Handle a message; a zombie tries to tell the sink that it is there."""
        if not isinstance(message, Block):
            self._notes.put(Handled(self._actor, message.number, time.monotonic()))
            return
        try:
            message.hang()
            ctx.tell(self._sink, "late")
        except Fenced:
            self._notes.put(Back(self._actor, fenced=True))
            raise
        self._notes.put(Back(self._actor, fenced=False))


class Sink(Actor[Any]):
    """Counts what reaches it; nothing ever should."""

    def __init__(self) -> None:
        self.late = 0

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Count, or answer the one who asks for the count."""
        if message == "late":
            self.late += 1
        else:
            ctx.reply(self.late)
