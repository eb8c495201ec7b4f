"""Timers of an incarnation, by key: the same key replaces, and none outlives its incarnation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.protocol.clock import GameTime
from fleet.runtime.cell import Armed, Cell
from fleet.runtime.envelope import Envelope

if TYPE_CHECKING:
    from fleet.runtime.post import Post


class KeyedTimers:
    """Arms timers and tells which of their messages still count."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def set(
        self,
        cell: Cell,
        incarnation: int,
        key: str,
        message: Any,
        *,
        after: float | None,
        at: GameTime | None,
    ) -> None:
        """Arm a timer, after wall seconds or at a game time. Raises ValueError for neither."""
        if (after is None) == (at is None):
            raise ValueError("a timer takes either `after` or `at`")
        serial = self._post.next_id()

        def fire() -> None:
            if cell.number == incarnation:
                sent = Envelope(message, serial, own=True, timer=(key, serial))
                self._post.post(cell.address.path, sent)

        self.cancel(cell, incarnation, key)
        dispatcher = self._post.dispatcher
        if at is not None:
            cell.timers[incarnation, key] = Armed(serial, dispatcher.at(at, fire))
        elif after is not None:
            cell.timers[incarnation, key] = Armed(serial, dispatcher.after(after, fire))

    def cancel(self, cell: Cell, incarnation: int, key: str) -> None:
        """Forget a timer, even one whose message is queued."""
        armed = cell.timers.pop((incarnation, key), None)
        if armed is not None:
            armed.cancel()

    def rang(self, cell: Cell, incarnation: int, envelope: Envelope) -> bool:
        """Say whether a timer's message still counts, and free its key."""
        if envelope.timer is None:
            return True
        key, serial = envelope.timer
        armed = cell.timers.get((incarnation, key))
        if armed is None or armed.serial != serial:
            return False
        cell.timers.pop((incarnation, key), None)
        return True

    def forget_all(self, cell: Cell) -> None:
        """Forget every timer of a cell, since its incarnation has ended."""
        armed, cell.timers = cell.timers, {}
        for timer in list(armed.values()):
            timer.cancel()
