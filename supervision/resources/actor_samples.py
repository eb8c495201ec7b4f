"""Looks at every actor from outside; no actor is asked, so that a hung one is seen as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleet.protocol.clock import Monotonic
from fleet.runtime import ActorSystem, Fifo
from fleet.runtime.books import lanes_in
from fleet.runtime.cell import Cell, State
from fleet.supervision.resources.sample import ActorSample


@dataclass(slots=True)
class _Front:
    """Since when the front of a mailbox has not moved."""

    handled: int
    since: Monotonic


class ActorSamples:
    """Takes samples of all actors of a system; for one thread."""

    def __init__(self, system: ActorSystem) -> None:
        """Look at a system, whose actors may come and go."""
        self._system = system
        self._fronts: dict[str, _Front] = {}

    def take(self, thread_time: Callable[[int], float]) -> list[ActorSample]:
        """Sample every actor that has not stopped."""
        now = self._system.clock.monotonic()
        cells = [cell for cell in self._system.cells() if cell.state is not State.STOPPED]
        paths = {cell.address.path for cell in cells}
        for gone in self._fronts.keys() - paths:
            del self._fronts[gone]
        return [self._sample(cell, now, thread_time) for cell in cells]

    def _sample(
        self, cell: Cell, now: Monotonic, thread_time: Callable[[int], float]
    ) -> ActorSample:
        hand, path, native_id = cell.in_hand, cell.address.path, _native_id(cell)
        return ActorSample(
            path=path,
            state=cell.state.value,
            incarnation=cell.number,
            restarts=cell.restarts,
            handled=cell.handled,
            depth=len(cell.mailbox),
            oldest=self._oldest(cell, now),
            waited=cell.waited,
            busy=type(hand.envelope.message).__name__ if hand else "",
            busy_for=max(0.0, now - hand.since) if hand else 0.0,
            cpu=thread_time(native_id) if native_id else 0.0,
        )

    def _oldest(self, cell: Cell, now: Monotonic) -> float:
        """Tell the age of what has waited longest for its turn; at least, where it has no date."""
        lanes, path = lanes_in(cell.mailbox), cell.address.path
        # What lies in lanes waits on purpose.
        head = cell.mailbox.head() if lanes is None else Fifo.head(lanes)
        if head is None:
            self._fronts.pop(path, None)
            return 0.0
        if head.sent:
            return max(0.0, now - head.sent)
        # Timers and the kernel's own messages have no date: then it is since when none was taken.
        front = self._fronts.get(path)
        if front is None or front.handled != cell.handled:
            self._fronts[path] = _Front(cell.handled, now)
            return 0.0
        return max(0.0, now - front.since)


def _native_id(cell: Cell) -> int:
    thread = getattr(cell.runner, "thread", None)
    return (thread.native_id or 0) if thread is not None else 0
