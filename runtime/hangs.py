"""Replaces incarnations whose message is over its budget: first all are fenced, then replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet.protocol.clock import Monotonic
from fleet.runtime.actor import Down
from fleet.runtime.cell import Cell, Cut, InHand
from fleet.runtime.traces import line_of

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


@dataclass(frozen=True, slots=True)
class Hang:
    """One incarnation that was cut off, and what it had in hand."""

    cell: Cell
    cut: Cut
    hand: InHand
    stack: str


class Hangs:
    """Works for the watchdog, in its thread."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self.nearest: Monotonic | None = None
        """When the next message will be over its budget, as far as the last look could tell."""

        self.longest = 0.0
        """Wall seconds that a message has been in hand, the longest of all at the last look."""

    def fence(self, cells: Iterable[Cell]) -> list[Hang]:
        """Cut off all that are over their budget, before anything else is done about one."""
        now = self._system.clock.monotonic()
        fenced: list[tuple[Cell, Cut, InHand]] = []
        ends: list[float] = []
        oldest: float = now
        for cell in cells:
            # Copied out of the cell first: its actor changes it all the time.
            hand = cell.in_hand
            if hand is None:
                continue
            oldest = min(oldest, hand.since)
            end = hand.since + hand.budget
            if end > now:
                ends.append(end)
            elif (cut := cell.fence(now)) is not None and cut.hand is not None:
                fenced.append((cell, cut, cut.hand))
        self.nearest = Monotonic(min(ends)) if ends else None
        self.longest = now - oldest
        if not fenced:
            return []
        stacks = self._stacks([cell for cell, _, _ in fenced])
        return [Hang(*left, stack) for left, stack in zip(fenced, stacks, strict=True)]

    def _stacks(self, cells: Sequence[Cell]) -> Sequence[str]:
        try:
            return self._system.dispatcher.stacks(cells)
        except BaseException as failure:
            self._tell_failure(failure)
            return [""] * len(cells)

    def excuse(self, seconds: float) -> None:
        """Leave out, for each message in hand, wall seconds in which nobody could go on."""
        now = self._system.clock.monotonic()
        for cell in self._system.cells():
            if cell.in_hand is not None:
                cell.excuse(now, seconds)

    def replace(self, hung: Sequence[Hang]) -> None:
        """Report them, have their supervisors replace them, and only then end blocking calls.

        A replacement must not wait for the cleaning up after another.
        """
        for step in (self._report, self._bring_down, self._clean_up):
            for hang in hung:
                # All of them are cut off by now: what fails about one must not keep the others
                # from being replaced.
                try:
                    step(hang)
                except BaseException as failure:
                    self._tell_failure(failure, hang.cell.address.path)

    def _tell_failure(self, failure: BaseException, path: str = "") -> None:
        about = {"actor": path} if path else {}
        reason = line_of(failure)
        self._system.events.emit("watchdog.failed", level="critical", reason=reason, **about)

    def _bring_down(self, hang: Hang) -> None:
        envelope, cell = hang.hand.envelope, hang.cell
        detail = type(envelope.message).__name__
        down = Down(cell.address, hang.cut.number, "hung", detail=detail)
        self._system.died(cell, envelope, down, gone=hang.hand.gone)

    def _clean_up(self, hang: Hang) -> None:
        self._system.clean_up(hang.cell, hang.cut)

    def _report(self, hang: Hang) -> None:
        system, cell, hand = self._system, hang.cell, hang.hand
        path, message = cell.address.path, type(hand.envelope.message).__name__
        took = system.clock.monotonic() - hand.since
        system.events.emit(
            "actor.hung",
            level="error",
            text=(
                f"TIMEOUT_ALERT - Task: {path} | Operation: {message} | Duration: {took:.2f}s"
                f" | Timeout: {hand.budget:g}s | Status: processing | Errors: {cell.restarts}"
            ),
            actor=path,
            incarnation=hang.cut.number,
            message_type=message,
            message_id=hand.envelope.id,
            attempt=hand.envelope.attempt,
            over_budget_ms=round((took - hand.budget) * 1000),
            mailbox_len=len(cell.mailbox),
            zombies=system.zombies,
            stack=hang.stack,
        )
