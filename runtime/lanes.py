"""A mailbox that holds messages in lanes and leases them out, so that none is ever in memory only.

An actor that keeps messages beyond one `receive` (the bucket's queue, the writer's batch)
leaves them here: `lease` hands them out, `settle` ends them, and what a dead incarnation had
leased goes back to its old place.
"""

from __future__ import annotations

import threading
from bisect import bisect
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.mailbox import ACCEPTED, Fifo, Put


@dataclass(frozen=True, slots=True)
class Held:
    """Tells the actor that messages wait in the lanes; sent once until it looks or leases."""


@dataclass(slots=True)
class Lease:
    """One message in the actor's hands."""

    lane: int
    envelope: Envelope
    note: Any = None
    """What the actor wrote down about it, such as the worker it went to. Survives the actor."""


@dataclass(frozen=True, slots=True)
class LaneView:
    """The head of one lane, for a scheduling policy."""

    lane: int
    head: Envelope
    depth: int


@dataclass(slots=True)
class LaneMailbox(Fifo):
    """Messages for which `lane_of` names a lane are held, all others are delivered in order."""

    lane_of: Callable[[Any], int | None]
    bound: int | None = None
    """Most messages held; more are refused as overflow."""

    settled: int = 0
    """Messages that were ended, or withdrawn."""

    _lanes: dict[int, deque[Envelope]] = field(default_factory=dict)
    _leases: dict[int, Lease] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _signalled: bool = False

    def __post_init__(self) -> None:
        Fifo.__init__(self)

    def put(self, envelope: Envelope) -> Put:
        """Hold the message in its lane, or queue it for delivery."""
        # An answer is the kernel's; `lane_of` knows the actor's own messages only.
        message = envelope.message
        lane = None if type(message) is Answer else self.lane_of(message)
        if lane is None:
            return Fifo.put(self, envelope)
        with self._guard:
            bound = self.bound
            if bound is not None and not envelope.own and self._held() >= bound:
                return Put.REJECTED
            self._insert(lane, envelope)
            self.count()
        # Not for each of many: whoever has been told once looks at all that have come.
        if not self._signalled:
            self._signal(envelope.id)
        return ACCEPTED

    @property
    def held(self) -> int:
        """Count the messages in the lanes, without those leased."""
        with self._guard:
            return self._held()

    def _held(self) -> int:
        return sum(map(len, self._lanes.values()))

    @property
    def leases(self) -> Mapping[int, Lease]:
        """The leases by envelope id; a copy."""
        with self._guard:
            return dict(self._leases)

    def heads(self) -> list[LaneView]:
        """Show the oldest message of each lane that is not empty, first lane first."""
        with self._guard:
            self._signalled = False
            return [
                LaneView(lane, self._lanes[lane][0], len(self._lanes[lane]))
                for lane in sorted(self._lanes)
                if self._lanes[lane]
            ]

    def lease(self, lane: int, most: int = 1) -> list[Envelope]:
        """Take up to `most` messages from the head of a lane."""
        with self._guard:
            self._signalled = False
            waiting = self._lanes.get(lane, deque())
            taken = [waiting.popleft() for _ in range(min(most, len(waiting)))]
            for envelope in taken:
                self._leases[envelope.id] = Lease(lane, envelope)
            return taken

    def note(self, envelope_id: int, note: Any) -> None:
        """Write something down about a leased message, for whoever comes after."""
        with self._guard:
            self._leases[envelope_id].note = note

    def settle(self, envelope_id: int) -> Lease | None:
        """End a leased message; None when it was not leased (any more)."""
        with self._guard:
            lease = self._leases.pop(envelope_id, None)
            self.settled += lease is not None
            return lease

    def release(self, envelope_id: int) -> None:
        """Put a leased message back to its old place."""
        with self._guard:
            lease = self._leases.pop(envelope_id, None)
            if lease is not None:
                self._insert(lease.lane, lease.envelope)
        self._signal(envelope_id)

    def withdraw(self, matches: Callable[[Envelope], bool]) -> list[Envelope]:
        """Take out every waiting message that matches; leased ones stay."""
        gone: list[Envelope] = []
        with self._guard:
            for lane, waiting in self._lanes.items():
                out = [envelope for envelope in waiting if matches(envelope)]
                if out:
                    kept = (envelope for envelope in waiting if not matches(envelope))
                    self._lanes[lane] = deque(kept)
                    gone += out
            self.settled += len(gone)
        return gone

    def restore(self) -> None:
        """Put back, in order, what a dead incarnation had leased and not noted."""
        with self._guard:
            for envelope_id, lease in list(self._leases.items()):
                if lease.note is None:
                    del self._leases[envelope_id]
                    self._insert(lease.lane, lease.envelope)
            self._signalled = False
        self._signal(0)

    def drain(self) -> list[Envelope]:
        """Take out everything, lanes and leases too, since the address closes."""
        with self._guard:
            held = [lease.envelope for lease in self._leases.values()]
            held += [envelope for waiting in self._lanes.values() for envelope in waiting]
            self._lanes.clear()
            self._leases.clear()
        return Fifo.drain(self) + sorted(held, key=lambda envelope: envelope.id)

    def contents(self) -> list[Envelope]:
        """List what waits, leased messages not among them; a copy."""
        with self._guard:
            held = [envelope for waiting in self._lanes.values() for envelope in waiting]
        return Fifo.contents(self) + held

    def _insert(self, lane: int, envelope: Envelope) -> None:
        """Put a message at the place that its id tells; under the guard."""
        waiting = self._lanes.setdefault(lane, deque())
        # Almost always the end; but senders race between taking an id and putting, and leases
        # come back late.
        if not waiting or waiting[-1].id < envelope.id:
            waiting.append(envelope)
        else:
            place = bisect(waiting, envelope.id, key=lambda other: other.id)
            waiting.insert(place, envelope)

    def _signal(self, cause: int) -> None:
        with self._guard:
            # Not by counting: this is asked for each message.
            if self._signalled or not any(self._lanes.values()):
                return
            self._signalled = True
        Fifo.put(self, Envelope(Held(), cause))

    def head(self) -> Envelope | None:
        """Show what has waited longest, in a lane or for delivery; None for nothing."""
        with self._guard:
            waiting = [lane[0] for lane in self._lanes.values() if lane]
        first = Fifo.head(self)
        waiting += [first] if first is not None else []
        return min(waiting, key=lambda envelope: envelope.id, default=None)

    def __len__(self) -> int:
        return self.deliverable + self.held
