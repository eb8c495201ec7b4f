"""What has become of every message sent to an address: conservation, and how it stands now."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.clock import Monotonic
from fleet.runtime.cell import Cell
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Mailbox
from fleet.runtime.recording_gate import LaneGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Counts of an address's messages, those of the kernel among them, since it was spawned."""

    sent: int
    handled: int
    settled: int
    """Ended or withdrawn in the lanes."""

    buried: int
    """Dead letters, those refused among them."""

    dropped: int
    """Of no account: stops, cancelled timers, answers that nobody waits for any more."""

    queued: int
    leased: int
    stashed: int
    in_hand: int

    @property
    def missing(self) -> int:
        """Messages that are nowhere; 0 whenever no message is on its way at this moment."""
        ended = self.handled + self.settled + self.buried + self.dropped
        return self.sent - ended - self.queued - self.leased - self.stashed - self.in_hand


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """How an address stands: for status pages, metrics and tests."""

    path: str
    state: str
    incarnation: int
    restarts: int
    waiting: int
    """Messages in the mailbox."""

    oldest: float | None
    """Wall seconds that the next message has waited; None when there is none, or a timer's."""

    waited: float
    """Wall seconds that all messages taken so far have waited, together."""

    busy_with: str
    """Type of the message in hand; empty when idle."""

    busy: float
    """Wall seconds since that was taken in hand, or made progress."""

    books: Books


def lanes_in(mailbox: Mailbox) -> LaneMailbox | None:
    """Find the lanes of a mailbox that has some, be it a recorded one."""
    within = mailbox.inner if isinstance(mailbox, LaneGate) else mailbox
    return within if isinstance(within, LaneMailbox) else None


def books_of(cell: Cell) -> Books:
    """Count. Callable from any thread; exact when nobody sends or handles meanwhile."""
    mailbox, lanes = cell.mailbox, lanes_in(cell.mailbox)
    with cell.lock:
        hand = cell.in_hand
        return Books(
            sent=mailbox.accepted + cell.refused,
            handled=cell.handled,
            settled=lanes.settled if lanes is not None else 0,
            buried=cell.buried,
            dropped=cell.dropped,
            queued=len(mailbox),
            leased=len(lanes.leases) if lanes is not None else 0,
            stashed=len(cell.stashed),
            in_hand=int(hand is not None and hand.counts),
        )


def view_of(cell: Cell, now: Monotonic) -> CellView:
    """Look at an address. Callable from any thread."""
    hand, head = cell.in_hand, cell.mailbox.head()
    return CellView(
        path=cell.address.path,
        state=cell.state.value,
        incarnation=cell.number,
        restarts=cell.restarts,
        waiting=len(cell.mailbox),
        oldest=max(0.0, now - head.sent) if head is not None and head.sent else None,
        waited=cell.waited,
        busy_with=type(hand.envelope.message).__name__ if hand is not None else "",
        busy=max(0.0, now - hand.since) if hand is not None else 0.0,
        books=books_of(cell),
    )
