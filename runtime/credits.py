"""A mailbox that tells its senders how much they may send: backpressure without waiting.

A sender asks for credits and sends no more than it was granted; where there is no room it goes
on with other work and receives a message when there is. Whoever sends without credits is refused
unless there is room that nobody was promised.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from fleet.protocol.errors import UsageError
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import Fifo, Put


@dataclass(slots=True, eq=False)
class Sender:
    """One incarnation that sends; what it was granted is void when it ends."""

    path: str
    incarnation: int
    is_live: Callable[[], bool]
    """Whether the incarnation still counts."""

    tell: Callable[[int], None]
    """Brings it credits later on; 0 when the address has closed. Must not block."""

    most: int
    """How many it can use."""

    granted: int = 0


class Credited(Fifo):
    """First in, first out, for at most `bound` messages queued and promised together.

    Raises UsageError for a bound below 0.
    """

    __slots__ = ("_bound", "_guard", "_promised", "_senders", "_waiting")

    def __init__(self, bound: int) -> None:
        super().__init__()
        if bound < 0:
            raise UsageError(f"a mailbox is bounded to 0 messages or more, not to {bound}")
        self._bound = bound
        self._guard = threading.Lock()
        self._promised = 0
        self._senders: dict[tuple[str, int], Sender] = {}
        """Those with credits."""

        self._waiting: deque[Sender] = deque()

    def request(self, sender: Sender) -> int:
        """Grant credits at once, as many as there is room for; 0 puts the sender into the queue.

        Callable from any thread.
        """
        with self._guard:
            self._forget_the_dead()
            # Who came earlier and waits goes first.
            first = not self._waiting
            # Before the look at the room: a message that is taken from here on tells who waits.
            self._waiting.append(sender)
            granted = self._grant(sender) if first else 0
            if granted:
                self._waiting.pop()
            return granted

    def _grant(self, sender: Sender) -> int:
        room = self._bound - len(self._queue) - self._promised
        granted = max(0, min(room, sender.most))
        if granted:
            held = self._senders.setdefault((sender.path, sender.incarnation), sender)
            held.granted += granted
            self._promised += granted
        return granted

    def _forget_the_dead(self) -> None:
        for name, sender in list(self._senders.items()):
            if not sender.is_live():
                del self._senders[name]
                self._promised -= sender.granted
        self._waiting = deque(sender for sender in self._waiting if sender.is_live())

    def put(self, envelope: Envelope) -> Put:
        """Queue a message if its sender has a credit, or if there is room left."""
        with self._guard:
            if not (envelope.own or self._spend(envelope) or self._has_room()):
                return Put.REJECTED
            return Fifo.put(self, envelope)

    def _has_room(self) -> bool:
        return len(self._queue) + self._promised < self._bound

    def _spend(self, envelope: Envelope) -> bool:
        if envelope.sender is None:
            return False
        name = envelope.sender.path, envelope.sender_incarnation
        sender = self._senders.get(name)
        if sender is None:
            return False
        sender.granted -= 1
        self._promised -= 1
        if not sender.granted:
            del self._senders[name]
        return True

    def pop(self) -> Envelope | None:
        """Take the next message, and tell those who waited for its room."""
        envelope = Fifo.pop(self)
        # Nobody can be granted anything new by a system message, but a look costs little.
        if self._waiting:
            self._tell_waiting()
        return envelope

    def sweep(self) -> None:
        """Give the room of senders that have ended to those who wait. From any thread."""
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        told: list[tuple[Sender, int]] = []
        with self._guard:
            self._forget_the_dead()
            while self._waiting and (granted := self._grant(self._waiting[0])):
                told.append((self._waiting.popleft(), granted))
        for sender, granted in told:
            sender.tell(granted)

    def drain(self) -> list[Envelope]:
        """Take out everything, and tell those who wait that there will be no room any more."""
        with self._guard:
            waiting, self._waiting = self._waiting, deque()
        for sender in waiting:
            sender.tell(0)
        return Fifo.drain(self)
