"""Has what comes into the lanes of an actor that handles a message wait until it has done so.

The lanes change under their actor's eyes otherwise, and nobody could tell afterwards what it saw.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from fleet.protocol.clock import GameTime
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import ACCEPTED, REJECTED, Bell, Put


class LaneGate:
    """A mailbox around lanes; senders are never held up by it."""

    def __init__(
        self,
        inner: LaneMailbox,
        now: Callable[[], GameTime],
        refused: Callable[[Envelope], None],
    ) -> None:
        self.inner = inner
        self._now = now
        self._refused = refused
        """Called, in the actor's thread, with what found the lanes full when its time came."""

        self._lock = threading.Lock()
        self._holder = 0
        """The incarnation that handles a message; 0 for none."""

        self._late: list[Envelope] = []
        self._came: list[tuple[Envelope, GameTime]] = []
        """What was put since the last turn began, in order."""

        self._moment = GameTime(0.0)
        self._timed = hasattr(inner, "now")
        """Whether these lanes note when each message came; of others nobody asks."""

        if hasattr(inner, "now"):
            inner.now = lambda: self._moment

    # -- turns

    def begin(self, number: int) -> list[tuple[Envelope, GameTime]]:
        """Keep what comes from now on waiting; tell what came since the last turn began."""
        with self._lock:
            # One that was cut off has left them.
            refused = self._late and self._let_in()
            self._holder = number
            came, self._came = self._came, []
        if refused:
            self._refuse(refused)
        return came

    def end(self, number: int) -> None:
        """Let in what has come meanwhile."""
        with self._lock:
            if self._holder != number:
                return
            self._holder = 0
            refused = self._late and self._let_in()
        if refused:
            self._refuse(refused)

    def _let_in(self) -> list[Envelope]:
        late, self._late = self._late, []
        return [envelope for envelope in late if self._put(envelope) is REJECTED]

    def _refuse(self, envelopes: list[Envelope]) -> None:
        for envelope in envelopes:
            self._refused(envelope)

    def _put(self, envelope: Envelope) -> Put:
        if self._timed:
            self._moment = self._now()
        self._came.append((envelope, self._moment))
        return self.inner.put(envelope)

    # -- the mailbox

    def put(self, envelope: Envelope) -> Put:
        """Queue a message, or keep one for the lanes waiting."""
        message = envelope.message
        if type(message) is Answer or self.inner.lane_of(message) is None:
            return self.inner.put(envelope)
        with self._lock:
            if self._holder:
                self._late.append(envelope)
                return ACCEPTED
            return self._put(envelope)

    def put_system(self, envelope: Envelope) -> None:
        """Queue a message of the kernel."""
        self.inner.put_system(envelope)

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again."""
        self.inner.give_back(envelope)

    def renew(self) -> Bell:
        """Hang up another bell."""
        return self.inner.renew()

    def hush(self) -> None:
        """Ring no bell."""
        self.inner.hush()

    def wake(self) -> None:
        """Ring the bell."""
        self.inner.wake()

    def pop(self) -> Envelope | None:
        """Take the next message."""
        return self.inner.pop()

    def head(self) -> Envelope | None:
        """Show what has waited longest."""
        return self.inner.head()

    def get(self, *, block: bool = True) -> Envelope | None:
        """Wait and take."""
        return self.inner.get(block=block)

    def displaced(self) -> list[Envelope]:
        """Take what had to make room."""
        return self.inner.displaced()

    def drain(self) -> list[Envelope]:
        """Take out everything."""
        with self._lock:
            late, self._late = self._late, []
        return self.inner.drain() + late

    def contents(self) -> list[Envelope]:
        """List what waits; a copy."""
        return self.inner.contents() + self._late.copy()

    @property
    def deliverable(self) -> int:
        """Count what can be taken."""
        return self.inner.deliverable

    @property
    def accepted(self) -> int:
        """Count the messages ever taken in."""
        return self.inner.accepted + len(self._late)

    def __len__(self) -> int:
        return len(self.inner) + len(self._late)
