"""One address from the inside: its mailbox, its live incarnation, and what that has in hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from fleet.protocol.clock import Monotonic
from fleet.runtime.actor import Props
from fleet.runtime.address import Address
from fleet.runtime.envelope import Envelope
from fleet.runtime.mailbox import Mailbox


class State(Enum):
    """Where an address stands."""

    RUNNING = "running"
    DOWN = "down"
    """No live incarnation; the mailbox goes on filling until the supervisor decides."""

    STOPPED = "stopped"
    """Ended for good; messages go to the dead letters."""


@dataclass(slots=True)
class InHand:
    """The message that an incarnation is handling, as the watchdog sees it."""

    envelope: Envelope
    since: Monotonic
    budget: float
    progressed: int = 0


@dataclass(slots=True)
class Cell:
    """State of one address. `number` is the fence: only the incarnation that bears it counts."""

    address: Address[Any]
    props: Props
    mailbox: Mailbox
    parent: str
    number: int = 0
    state: State = State.DOWN
    in_hand: InHand | None = None
    monitors: set[str] = field(default_factory=set)
    """Paths that are told when an incarnation ends."""

    cancellables: list[Callable[[], None]] = field(default_factory=list)
    """What ends the blocking call of the live incarnation; called from the watchdog."""

    timers: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By key, what forgets the timer."""

    stashed: list[Envelope] = field(default_factory=list)

    runner: Any = None
    """The dispatcher's own handle of the live incarnation (its thread)."""

    handled: int = 0
    restarts: int = 0
    # Taken at the begin and the end of each message and by the fence, so that a fence never
    # hits an actor that has just finished and gone back to its mailbox (two consumers).
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, number: int, envelope: Envelope, now: Monotonic, budget: float) -> bool:
        """Take a message in hand; False when this incarnation has been fenced."""
        with self.lock:
            if self.number != number:
                return False
            self.in_hand = InHand(envelope, now, budget)
            return True

    def end(self, number: int) -> bool:
        """Put the message out of hand; False when this incarnation was fenced meanwhile."""
        with self.lock:
            if self.number != number:
                return False
            self.in_hand = None
            self.handled += 1
            return True

    def fence(self, now: Monotonic) -> tuple[InHand, list[Callable[[], None]]] | None:
        """Cut off an incarnation whose message is over its budget; None when there is none."""
        with self.lock:
            hand = self.in_hand
            if hand is None or now - hand.since < hand.budget:
                return None
            return hand, self._cut()

    def retire(self, number: int) -> list[Callable[[], None]] | None:
        """Cut off an incarnation that ended by itself; None when it was fenced before."""
        with self.lock:
            return self._cut() if self.number == number else None

    def _cut(self) -> list[Callable[[], None]]:
        self.number += 1
        self.in_hand = None
        self.state = State.DOWN
        cancellables, self.cancellables = self.cancellables, []
        return cancellables

    def open(self) -> int:
        """Let a new incarnation in; tell its number."""
        with self.lock:
            self.number += 1
            self.state = State.RUNNING
            return self.number
