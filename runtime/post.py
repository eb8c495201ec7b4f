"""The way of a message: into a mailbox, or to the dead letters; and of an answer back."""

from __future__ import annotations

import itertools
from typing import Any

from fleet.protocol.clock import Clock, GameTime
from fleet.runtime.actor import Down
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell
from fleet.runtime.dead_letters import Cause, DeadLetter, DeadLetters
from fleet.runtime.dispatcher import Dispatcher
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.events import EventSink
from fleet.runtime.future import AskFailed, Future
from fleet.runtime.lanes import Held
from fleet.runtime.mailbox import Put

# What only the kernel says is no loss when an address closes.
KERNEL = (Answer, Down, Held, Stop)


class Post:
    """Knows every cell. Its methods may be called from any thread and never block."""

    def __init__(self, *, dispatcher: Dispatcher, clock: Clock, events: EventSink) -> None:
        self.dispatcher = dispatcher
        self.clock = clock
        self.events = events
        self.dead_letters = DeadLetters()
        self._cells: dict[str, Cell] = {}
        self._ids = itertools.count(1)

    def next_id(self) -> int:
        """Make an envelope id, unique within the process."""
        return next(self._ids)

    def cell(self, path: str) -> Cell | None:
        """Look an address up."""
        return self._cells.get(path)

    def cells(self) -> list[Cell]:
        """List all cells; a copy."""
        return list(self._cells.values())

    def has_ended(self, path: str) -> bool:
        """Say whether there was an actor at a path and its address is closed."""
        cell = self._cells.get(path)
        return cell is not None and cell.closed

    def send(
        self,
        to: Address[Any],
        message: Any,
        *,
        sender: Address[Any] | None = None,
        incarnation: int = 0,
        expires: GameTime | None = None,
        causation: int = 0,
    ) -> int:
        """Put a message into a mailbox; tell its envelope's id."""
        number = next(self._ids)
        self.post(to.path, Envelope(message, number, sender, incarnation, expires, 1, causation))
        return number

    def post(self, path: str, envelope: Envelope) -> bool:
        """Put an envelope into a mailbox; say whether it was taken."""
        cell = self._cells.get(path)
        if cell is None or cell.closed:
            self.bury(path, envelope, "no_actor" if cell is None else "stopped")
            return False
        if cell.mailbox.put(envelope) is Put.REJECTED:
            self._overflow(cell, envelope)
            return False
        # It may have closed between the look and the put: then nobody else will come for it.
        if cell.closed:
            self.drain(cell)
        self.dispatcher.woken(cell)
        return True

    def _overflow(self, cell: Cell, envelope: Envelope) -> None:
        self.bury(cell.address.path, envelope, "overflow")
        asked = envelope.wants_answer or envelope.future is not None
        # Who asked has been answered by now, with an AskFailed.
        if cell.props.overflow is not None and envelope.sender is not None and not asked:
            self.send(envelope.sender, cell.props.overflow(envelope.message))

    def ask(self, to: Address[Any], message: Any, *, timeout: float) -> Any:
        """Send and wait, from a thread that is no actor's. Raises AskTimeout, AskFailed."""
        future: Future[Any] = Future()
        self.post(to.path, Envelope(message, self.next_id(), future=future))
        return future.get(timeout)

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

    def bury(self, path: str, envelope: Envelope, cause: Cause) -> None:
        """Give a message up: keep it as a dead letter and fail the ask behind it."""
        self.dead_letters.add(DeadLetter(path, envelope, cause))
        message = type(envelope.message).__name__
        self.events.emit(
            "letter.buried",
            level="debug" if cause in {"stopped", "fenced"} else "warning",
            text=f"{message} for {path} was not handled: {cause}",
            actor=path,
            reason=cause,
            message_type=message,
            message_id=envelope.id,
        )
        failed = AskFailed(f"{path} did not handle {message}: {cause}")
        if envelope.future is not None:
            envelope.future.fail(failed)
        else:
            self.reply(envelope, failed)

    def drain(self, cell: Cell) -> None:
        """Bury what waits at an address that has closed; calling it twice does no harm."""
        stashed, cell.stashed = cell.stashed, []
        for envelope in stashed + cell.mailbox.drain():
            if not isinstance(envelope.message, KERNEL):
                self.bury(cell.address.path, envelope, "stopped")
