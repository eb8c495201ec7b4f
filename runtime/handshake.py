"""The lock that begins and ends each message, and that a fence must take."""

from __future__ import annotations

from queue import SimpleQueue
from types import TracebackType


class Handshake:
    """A lock made of one token in a SimpleQueue.

    Taken twice per message, where `threading.Lock` in a `with` costs 300 ns each time and this
    one 80: it does not touch the system's semaphore unless somebody else holds the token. The
    hot path calls `enter` and `leave`; all others use it in a `with`.
    """

    __slots__ = ("enter", "leave")

    def __init__(self) -> None:
        token: SimpleQueue[None] = SimpleQueue()
        token.put(None)
        self.enter = token.get
        self.leave = token.put

    def __enter__(self) -> None:
        self.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave(None)
