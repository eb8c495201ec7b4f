"""A mailbox whose most urgent message goes first."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from math import isnan
from typing import Any

from fleet.protocol.errors import UsageError
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.mailbox import ACCEPTED, Fifo, Put


class Priority(Fifo):
    """Least `key(message)` first, first in first out among equals; refuses beyond `bound`.

    Messages of the kernel and answers to the actor's own asks go ahead of all. A message that
    is given back has its old place. Nothing ages: what is urgent for ever starves the rest.
    A message whose key is no number is not taken. Raises UsageError for a bound below 0.
    """

    __slots__ = ("_bound", "_guard", "_heap", "_key")

    def __init__(self, key: Callable[[Any], float], bound: int | None = None) -> None:
        super().__init__()
        if bound is not None and bound < 0:
            raise UsageError(f"a mailbox is bounded to 0 messages or more, not to {bound}")
        self._key = key
        self._bound = bound
        self._heap: list[tuple[float, int, Envelope]] = []
        # heapq changes a list in several steps.
        self._guard = threading.Lock()

    def put(self, envelope: Envelope) -> Put:
        """Queue a message at the place that its key tells, or refuse it."""
        # An answer is the kernel's; `key` knows the actor's own messages only.
        if isinstance(envelope.message, Answer):
            return Fifo.put(self, envelope)
        row = self._row(envelope)
        with self._guard:
            if self._bound is not None and len(self._heap) >= self._bound and not envelope.own:
                return Put.REJECTED
            self.accepted += 1
            heapq.heappush(self._heap, row)
        self.wake()
        return ACCEPTED

    def give_back(self, envelope: Envelope) -> None:
        """Queue a message again, ahead of its equals that came after it."""
        if isinstance(envelope.message, Answer):
            Fifo.give_back(self, envelope)
            return
        with self._guard:
            heapq.heappush(self._heap, self._row(envelope))
        self.wake()

    def _row(self, envelope: Envelope) -> tuple[float, int, Envelope]:
        rank = float(self._key(envelope.message))
        # heapq leaves what it could not compare in the list, and loses another message at the
        # next look; a NaN compares with nothing.
        if isnan(rank):
            raise ValueError("a message's key is a number, not NaN")
        return rank, envelope.id, envelope

    def pop(self) -> Envelope | None:
        """Take the most urgent message; None when there is none. Never blocks."""
        first = Fifo.pop(self)
        if first is not None:
            return first
        with self._guard:
            return heapq.heappop(self._heap)[2] if self._heap else None

    def contents(self) -> list[Envelope]:
        """List what waits, in no order; a copy."""
        with self._guard:
            return [*Fifo.contents(self), *(envelope for _, _, envelope in self._heap)]

    def head(self) -> Envelope | None:
        """Show what has waited longest, however urgent; None for nothing."""
        with self._guard:
            waiting = [row[2] for row in self._heap]
        first = Fifo.head(self)
        waiting += [first] if first is not None else []
        return min(waiting, key=lambda envelope: envelope.id, default=None)

    @property
    def deliverable(self) -> int:
        """Count what `pop` would give; a snapshot."""
        return len(self._system) + len(self._front) + len(self._queue) + len(self._heap)
