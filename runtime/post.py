"""The way of a message: into a mailbox, or to the dead letters; and of an answer back."""

from __future__ import annotations

import itertools
import math
from typing import Any

from fleet.protocol.clock import Clock, Monotonic
from fleet.runtime.actor import Down, Up
from fleet.runtime.address import Address
from fleet.runtime.books import CellView, lanes_in, view_of
from fleet.runtime.cell import Cell
from fleet.runtime.dead_letters import Cause, DeadLetter, DeadLetters
from fleet.runtime.dispatcher import Dispatcher
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.events import EventSink
from fleet.runtime.future import AskFailed, AskTimeout, Quarantined
from fleet.runtime.lanes import Held
from fleet.runtime.mailbox import ACCEPTED, REJECTED, Put
from fleet.runtime.spin import Spin
from fleet.runtime.traces import line_of

# What only the kernel says is no loss when an address closes.
KERNEL = (Answer, Down, Held, Stop, Up)


class Post:
    """Knows every cell. Its methods may be called from any thread and never block."""

    def __init__(self, *, dispatcher: Dispatcher, clock: Clock, events: EventSink) -> None:
        self.dispatcher = dispatcher
        self.clock = clock
        self.events = events
        self.dead_letters = DeadLetters()
        self._cells: dict[str, Cell] = {}
        # Looked up here, since it is asked for each message.
        self._tells = dispatcher.wakes
        # In virtual time nobody answers while somebody waits.
        self.spin = None if dispatcher.wakes else Spin()
        """How those outside wait for answers at first."""

        self.next_id = itertools.count(1).__next__
        """Makes an envelope id, unique within the process."""

    def cell(self, path: str) -> Cell | None:
        """Look an address up."""
        return self._cells.get(path)

    def cells(self) -> list[Cell]:
        """List all cells; a copy."""
        return list(self._cells.values())

    def view(self, path: str) -> CellView | None:
        """Look at an address; None when there never was an actor."""
        cell = self._cells.get(path)
        return None if cell is None else view_of(cell, self.clock.monotonic())

    def views(self) -> list[CellView]:
        """Look at all addresses, the closed ones too, in the order in which they were spawned."""
        now = self.clock.monotonic()
        return [view_of(cell, now) for cell in self.cells()]

    def has_ended(self, path: str) -> bool:
        """Say whether there was an actor at a path and its address is closed."""
        cell = self._cells.get(path)
        return cell is not None and cell.closed

    def post(self, path: str, envelope: Envelope) -> bool:
        """Put an envelope into a mailbox; say whether it was taken.

        An ask fails at once while the actor rests.
        """
        cell = self._cells.get(path)
        if cell is None or cell.closed:
            self._turn_away(path, envelope, cell)
            return False
        until = cell.rests_until
        if until is not None and envelope.asked:
            self._refuse(cell, envelope, until)
            return False
        try:
            put = cell.mailbox.put(envelope)
        # The actor's own `key` or `lane_of` fails at it: no reason for its sender to fail.
        except BaseException as failure:
            self._misfit(cell, envelope, failure)
            return False
        if put is not ACCEPTED:
            self._overflow(cell, envelope, put)
        # It may have closed between the look and the put: then nobody else will come for it.
        if cell.closed:
            self.drain(cell)
        if self._tells:
            self.dispatcher.woken(cell)
        return put is not REJECTED

    def _turn_away(self, path: str, envelope: Envelope, closed: Cell | None) -> None:
        if closed is not None:
            self._count_refused(closed)
        self.bury(path, envelope, "no_actor" if closed is None else "stopped", closed)

    def _misfit(self, cell: Cell, envelope: Envelope, failure: BaseException) -> None:
        self._tell_misfit(cell, envelope, failure)
        self._count_refused(cell)
        self.bury(cell.address.path, envelope, "poison", cell)

    def _tell_misfit(self, cell: Cell, envelope: Envelope, failure: BaseException) -> None:
        path, reason = cell.address.path, line_of(failure)
        text = f"the mailbox of {path} fails at {type(envelope.message).__name__}: {reason}"
        self.events.emit("mailbox.failed", level="error", text=text, actor=path, reason=reason)

    def _overflow(self, cell: Cell, envelope: Envelope, put: Put) -> None:
        if put is REJECTED:
            self._count_refused(cell)
            self._give_up(cell, envelope)
        for displaced in cell.mailbox.displaced():
            self._give_up(cell, displaced)

    def _count_refused(self, cell: Cell) -> None:
        with cell.lock:
            cell.refused += 1

    def _give_up(self, cell: Cell, envelope: Envelope) -> None:
        self.bury(cell.address.path, envelope, "overflow", cell)
        # Who asked has been answered by now, with an AskFailed.
        if cell.props.overflow is None or envelope.sender is None or envelope.asked:
            return
        try:
            told = cell.props.overflow(envelope.message)
        except BaseException as failure:
            self._tell_misfit(cell, envelope, failure)
        else:
            self.post(envelope.sender.path, Envelope(told, self.next_id()))

    def _refuse(self, resting: Cell, envelope: Envelope, until: Monotonic) -> None:
        self._count_refused(resting)
        path = resting.address.path
        self._fail(envelope, Quarantined(path, max(0.0, until - self.clock.monotonic())))
        self.bury(path, envelope, "quarantined")

    def fail_asks(self, cell: Cell, failed: AskFailed) -> None:
        """Fail the asks that wait at an address: in its mailbox, put aside, or leased by the actor
        that has died. They may still be handled.
        """
        waiting = [*cell.mailbox.contents(), *cell.stashed]
        lanes = lanes_in(cell.mailbox)
        if lanes is not None:
            # One with a note is in somebody else's hands, who brings it to its end.
            leases = lanes.leases.values()
            waiting += [lease.envelope for lease in leases if lease.note is None]
        for envelope in waiting:
            self._fail(envelope, failed)

    def _fail(self, envelope: Envelope, failed: AskFailed | AskTimeout) -> None:
        if envelope.future is not None:
            envelope.future.fail(failed)
        else:
            self.reply(envelope, failed)

    def reply(self, envelope: Envelope, value: Any) -> None:
        """Answer an ask; the first answer counts."""
        if envelope.future is not None:
            envelope.future.set(value)
        elif envelope.wants_answer and envelope.sender is not None:
            self.answer(envelope.sender, envelope.id, value)

    def answer(self, asker: Address[Any], ask_id: int, value: Any) -> None:
        """Bring an answer to an asking actor; a full mailbox takes it all the same."""
        cell = self._cells.get(asker.path)
        if cell is not None and not cell.closed:
            cell.mailbox.put(Envelope(Answer(ask_id, value), self.next_id(), own=True))
            self.dispatcher.woken(cell)

    def bury(self, path: str, envelope: Envelope, cause: Cause, cell: Cell | None = None) -> None:
        """Give a message up: keep it as a dead letter and fail the ask behind it.

        `cell` is whose it was, where another may have come to the path since.
        """
        self.dead_letters.add(DeadLetter(path, envelope, cause))
        owner = cell or self._cells.get(path)
        if owner is not None:
            with owner.lock:
                owner.buried += 1
        message = type(envelope.message).__name__
        self.events.emit(
            "letter.buried",
            level="debug" if cause in {"stopped", "fenced", "quarantined"} else "warning",
            text=f"{message} for {path} was not handled: {cause}",
            actor=path,
            reason=cause,
            message_type=message,
            message_id=envelope.id,
        )
        self._fail(envelope, _failure(path, envelope, cause))

    def _tell_of(self, cell: Cell, number: int, event: str, *, reason: str) -> None:
        """Tell of a turn of a life that is no trouble: for whoever looks closely."""
        path = cell.address.path
        self.events.emit(event, level="debug", actor=path, incarnation=number, reason=reason)

    def _tell_outlived(self, cell: Cell, number: int, left: int) -> None:
        path = cell.address.path
        text = f"A replaced life of {path} has ended, too; {left} like it are left."
        self.events.emit("zombie.ended", text=text, actor=path, incarnation=number, zombies=left)

    def _tell_crash(
        self, cell: Cell, number: int, envelope: Envelope, failure: BaseException, trace: str
    ) -> None:
        path, message = cell.address.path, type(envelope.message).__name__
        self.events.emit(
            "actor.crashed",
            level="error",
            text=f"{path} crashed on {message}: {line_of(failure)}",
            actor=path,
            incarnation=number,
            reason=type(failure).__name__,
            message_type=message,
            message_id=envelope.id,
            attempt=envelope.attempt,
            mailbox_len=len(cell.mailbox),
            stack=trace,
        )

    def drain(self, cell: Cell) -> None:
        """Bury what waits at an address that has closed; calling it twice does no harm."""
        stashed, cell.stashed = cell.stashed, []
        for envelope in stashed + cell.mailbox.drain():
            if isinstance(envelope.message, KERNEL):
                with cell.lock:
                    cell.dropped += 1
            else:
                self.bury(cell.address.path, envelope, "stopped", cell)


def _failure(path: str, envelope: Envelope, cause: Cause) -> AskFailed | AskTimeout:
    text = f"{path} did not handle {type(envelope.message).__name__}: {cause}"
    # The asker's own timer may go off a little later than its message is taken up.
    late = cause == "expired" and envelope.deadline < math.inf
    return AskTimeout(text) if late else AskFailed(text)
