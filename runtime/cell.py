"""One address from the inside: its mailbox, its live incarnation, and what that has in hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from fleet.protocol.clock import Monotonic
from fleet.runtime.actor import Props
from fleet.runtime.address import Address
from fleet.runtime.envelope import Envelope, Stop
from fleet.runtime.handshake import Handshake
from fleet.runtime.mailbox import Bell, Mailbox
from fleet.runtime.zombies import Zombies

NOTHING = Envelope(None, 0)
NEVER = Monotonic(0.0)


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

    envelope: Envelope = NOTHING
    since: Monotonic = NEVER
    budget: float = 0.0
    progressed: int = 0
    counts: bool = True
    """Whether its end is one more message handled; not so for what is kept or dropped."""

    gone: bool = False
    """Whether it has found its end already: if its incarnation dies now, nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What an incarnation left behind when it was cut off."""

    number: int
    """Of the incarnation."""

    hand: InHand | None
    cancellables: Sequence[Callable[[], None]]
    last_words: Sequence[Callable[[], None]]
    """To be called however it ended."""


@dataclass(frozen=True, slots=True)
class Armed:
    """A keyed timer; what it sends counts while its serial is the key's."""

    serial: int
    cancel: Callable[[], None]


@dataclass(slots=True)
class Cell:
    """State of one address. `number` is the fence: only the incarnation that bears it counts."""

    address: Address[Any]
    props: Props
    mailbox: Mailbox
    parent: str
    number: int = 0
    note: Any = None
    """What the parent wrote down about the actor, for a parent that comes after it."""

    state: State = State.DOWN
    closed: bool = False
    """Whether the state is STOPPED; looked at for each message."""

    in_turn: bool = False
    """Whether each incarnation tells the parent that it has come through its start."""

    remembered: bool = False
    """Whether its end is remembered for as long as the system lives."""

    rests_until: Monotonic | None = None
    """Until when it is not to be started again; asks fail meanwhile."""

    in_hand: InHand | None = None
    hand: InHand = field(default_factory=InHand)
    """What `in_hand` is while there is something; one for all messages of an incarnation."""

    monitors: set[str] = field(default_factory=set)
    """Paths that are told when an incarnation ends."""

    cancellables: Sequence[Callable[[], None]] = ()
    """What ends the blocking call of the live incarnation."""

    last_words: Sequence[Callable[[], None]] = ()
    """What is called when the live incarnation has ended; must not block."""

    timers: dict[tuple[int, str], Armed] = field(default_factory=dict)
    """By incarnation and key."""

    stashed: list[Envelope] = field(default_factory=list)

    runner: Any = None
    """The dispatcher's own handle of the live incarnation (its thread)."""

    handled: int = 0
    """Messages that were handled to their end."""

    restarts: int = 0
    revived: Monotonic | None = None
    """When the system itself last started it anew, which it does for a root."""

    revivals: int = 0
    """How often that was in quick succession."""

    waited: float = 0.0
    """Wall seconds that all messages taken have waited in the mailbox, together."""

    dropped: int = 0
    """Messages of the kernel, cancelled timers, answers that nobody waits for any more."""

    buried: int = 0
    """Messages that became dead letters, those refused among them."""

    refused: int = 0
    """Messages that the mailbox, or the closed address, did not take."""

    zombies: Zombies = field(default_factory=Zombies)
    """Incarnations cut off in the middle of a message; the system's own."""

    # Taken at the begin and the end of each message and by the fence, so that a fence never
    # hits an actor that has just finished and gone back to its mailbox (two consumers).
    lock: Handshake = field(default_factory=Handshake)

    def begin(self, number: int, envelope: Envelope, now: Monotonic, budget: float) -> bool:
        """Take the start of an incarnation in hand; False when it has been fenced."""
        with self.lock:
            if self.number != number:
                return False
            self.in_hand = InHand(envelope, now, budget, counts=False)
            return True

    def take(self, number: int, now: Monotonic) -> Envelope | None:
        """Put what is in hand out of it, and take the next message out of the mailbox.

        None when there is none, or when this incarnation has been fenced: then it must not
        take anything, since the next one reads the same mailbox.
        """
        # A zombie must not come as far as the lock: it might be interrupted with it.
        if self.number != number:
            return None
        lock = self.lock
        lock.enter()
        try:
            if self.number != number:
                return None
            hand = self.in_hand
            if hand is not None and hand.counts:
                self.handled += 1
            envelope = self.mailbox.pop()
            if envelope is None:
                self.in_hand = None
                return None
            props, hand = self.props, self.hand
            hand.envelope = envelope
            hand.since = now
            hand.budget = self._budget(envelope.message) if props.budgets else props.budget
            hand.progressed = 0
            hand.counts = True
            hand.gone = False
            self.in_hand = hand
            if envelope.sent:
                self.waited += now - envelope.sent
            return envelope
        finally:
            lock.leave(None)

    def _budget(self, message: Any) -> float:
        if isinstance(message, Stop):
            return self.props.stop_budget
        return self.props.budgets.get(type(message), self.props.budget)

    def retake(self, number: int, envelope: Envelope) -> None:
        """Have in hand what the message taken has turned out to be, with the budget for that."""
        with self.lock:
            if self.number == number and self.in_hand is not None:
                self.in_hand.envelope = envelope
                self.in_hand.budget = self._budget(envelope.message)

    def bury(self, number: int) -> bool:
        """Have the message in hand end as a dead letter; False when that is not for us to do."""
        with self.lock:
            if self.number != number or self.in_hand is None:
                return False
            self.in_hand.counts = False
            self.in_hand.gone = True
            return True

    def drop(self, number: int) -> None:
        """Count the message in hand as one that was of no account."""
        with self.lock:
            if self.number == number and self.in_hand is not None:
                self.in_hand.counts = False
                self.in_hand.gone = True
                self.dropped += 1

    def progress(self, number: int, now: Monotonic) -> None:
        """Start the budget of the message in hand anew, unless that was done too often."""
        with self.lock:
            hand = self.in_hand
            if self.number != number or hand is None:
                return
            if hand.progressed < self.props.progress_limit:
                hand.progressed += 1
                hand.since = now

    def excuse(self, now: Monotonic, seconds: float) -> None:
        """Leave wall seconds out of the time that the message in hand has taken."""
        with self.lock:
            hand = self.in_hand
            if hand is not None:
                hand.since = Monotonic(min(now, hand.since + seconds))

    def register(self, number: int, cancel: Callable[[], None]) -> bool:
        """Keep what ends a blocking call of this incarnation; False when it was fenced."""
        with self.lock:
            if self.number != number:
                return False
            if cancel not in self.cancellables:
                self.cancellables = [*self.cancellables, cancel]
            return True

    def leave_word(self, number: int, call: Callable[[], None]) -> bool:
        """Keep what is to be called when this incarnation ends; False when it was fenced."""
        with self.lock:
            if self.number != number:
                return False
            if call not in self.last_words:
                self.last_words = (*self.last_words, call)
            return True

    def forget(self, cancel: Callable[[], None]) -> None:
        """Drop what would have ended a blocking call: the call is over."""
        with self.lock:
            self.cancellables = [kept for kept in self.cancellables if kept != cancel]

    def end(self, number: int) -> bool:
        """Put the message out of hand; False when this incarnation was fenced meanwhile."""
        if self.number != number:
            return False
        lock = self.lock
        lock.enter()
        try:
            if self.number != number:
                return False
            hand = self.in_hand
            if hand is not None and hand.counts:
                self.handled += 1
            self.in_hand = None
            return True
        finally:
            lock.leave(None)

    def fence(self, now: Monotonic) -> Cut | None:
        """Cut off an incarnation whose message is over its budget; None when there is none."""
        with self.lock:
            hand = self.in_hand
            # Written as a sum because virtual time looks at exactly this moment, and rounding
            # could make the difference smaller than the budget.
            if hand is None or now < hand.since + hand.budget:
                return None
            return self._cut(State.DOWN, busy=True)

    def retire(self, number: int | None = None) -> Cut | None:
        """Cut off an incarnation that ends by itself, or (None) whichever lives.

        Tells None when it was cut off before.
        """
        with self.lock:
            wanted = self.number if number is None else number
            if self.state is not State.RUNNING or self.number != wanted:
                return None
            return self._cut(State.DOWN, busy=number is None)

    def close(self) -> Cut | None:
        """End the address for good, whatever runs; None when it was closed before."""
        with self.lock:
            if self.closed:
                return None
            self.closed = True
            if self.state is State.RUNNING:
                return self._cut(State.STOPPED, busy=True)
            self.state = State.STOPPED
            return Cut(self.number - 1, None, (), ())

    def _cut(self, state: State, *, busy: bool) -> Cut:
        cut = Cut(self.number, self.in_hand, self.cancellables, self.last_words)
        if busy and self.in_hand is not None:
            self.zombies.add(self.address.path, self.number, self.runner)
        self.number += 1
        self.in_hand = None
        # What was cut off may still look into the one that it had.
        self.hand = InHand()
        self.state = state
        self.cancellables = ()
        self.last_words = ()
        # It may be waiting for a message, and must not go on doing so.
        self.mailbox.wake()
        return cut

    def outlived(self, number: int) -> bool:
        """Strike a zombie that has come back off the list; False when it wasn't on it."""
        with self.lock:
            return self.zombies.discard(self.address.path, number)

    def stash(self, number: int, envelope: Envelope) -> bool:
        """Keep a message beside the mailbox; False when this incarnation was fenced."""
        with self.lock:
            if self.number != number:
                return False
            if all(kept.id != envelope.id for kept in self.stashed):
                self.stashed.append(envelope)
            if self.in_hand is not None and self.in_hand.envelope.id == envelope.id:
                self.in_hand.counts = False
            return True

    def unstash(self, number: int) -> bool:
        """Queue the kept messages again, each at its old place; say whether there were any."""
        with self.lock:
            if self.number != number:
                return False
            stashed, self.stashed = self.stashed, []
            for envelope in stashed:
                self.mailbox.give_back(envelope)
            return bool(stashed)

    def open(self) -> tuple[int, Bell] | None:
        """Let a new incarnation in and tell its number and bell; None unless it is down."""
        with self.lock:
            if self.state is not State.DOWN:
                return None
            self.number += 1
            self.state = State.RUNNING
            self.rests_until = None
            return self.number, self.mailbox.renew()
