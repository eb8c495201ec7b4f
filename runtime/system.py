"""The actor system: who is where, and what happens when messages are sent and lives end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec

from fleet.protocol.clock import Clock, GameTime
from fleet.protocol.errors import PermanentFailure
from fleet.runtime.actor import Down, Props, Starting
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell, InHand, State
from fleet.runtime.dead_letters import Cause, DeadLetter, DeadLetters
from fleet.runtime.dispatcher import Dispatcher
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.events import EventSink
from fleet.runtime.future import AskFailed, Future
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.mailbox import Put


class ActorSystem:
    """Owns the cells. Its methods may be called from any thread unless they say otherwise."""

    def __init__(
        self, *, dispatcher: Dispatcher, clock: Clock, events: EventSink, seed: int = 0
    ) -> None:
        self.dispatcher = dispatcher
        self.clock = clock
        self.events = events
        self.seed = seed
        self.dead_letters = DeadLetters()
        self._cells: dict[str, Cell] = {}
        self._ids = itertools.count(1)

    # -- who is there

    def next_id(self) -> int:
        """Make an envelope id, unique within the process."""
        return next(self._ids)

    def address(self, path: str) -> Address[Any]:
        """Name an actor by its path; it need not exist (yet)."""
        return Address(path, self)

    def cell(self, path: str) -> Cell | None:
        """Look an address up."""
        return self._cells.get(path)

    def cells(self) -> list[Cell]:
        """List all cells; a copy."""
        return list(self._cells.values())

    # -- lives

    def spawn(self, path: str, props: Props, *, parent: str = "") -> Address[Any]:
        """Start an actor at a path; what an earlier, stopped actor left there is gone.

        Raises ValueError when a live one has the path.
        """
        old = self._cells.get(path)
        if old is not None and old.state is not State.STOPPED:
            raise ValueError(f"{path} is taken")
        cell = Cell(self.address(path), props, props.mailbox(), parent)
        if parent:
            cell.monitors.add(parent)
        self._cells[path] = cell
        self._launch(cell, None)
        return cell.address

    def restart(self, path: str, reason: str) -> None:
        """Put a new incarnation on a mailbox whose last one ended."""
        cell = self._cells.get(path)
        if cell is not None and cell.state is State.DOWN:
            cell.restarts += 1
            self._launch(cell, reason)

    def _launch(self, cell: Cell, reason: str | None) -> None:
        for cancel in list(cell.timers.values()):
            cancel()
        cell.timers.clear()
        incarnation = Incarnation(self, cell, cell.open(), reason)
        self.unstash(cell)
        self.dispatcher.start(incarnation)

    def stop(self, path: str, reason: str = "stopped") -> None:
        """Ask an actor to end after the message in hand."""
        cell = self._cells.get(path)
        if cell is None:
            return
        if cell.state is State.DOWN:
            self._close(cell, reason)
        else:
            cell.mailbox.put_system(Envelope(Stop(reason), self.next_id()))
            self.dispatcher.woken(cell)

    def abandon(self, path: str) -> None:
        """Fence an actor whatever it does, and close its address."""
        cell = self._cells.get(path)
        if cell is None or cell.state is State.STOPPED:
            return
        cancellables = cell.retire(cell.number) or []
        self._close(cell, "abandoned")
        for cancel in cancellables:
            self._cancel(cell, cancel)

    def retire(self, path: str) -> None:
        """Fence an actor whatever it does; its mailbox waits for the next incarnation."""
        cell = self._cells.get(path)
        if cell is not None and cell.state is State.RUNNING:
            for cancel in cell.retire(cell.number) or []:
                self._cancel(cell, cancel)

    def children(self, parent: str) -> dict[str, Props]:
        """List an actor's children that have not stopped, by path."""
        return {
            cell.address.path: cell.props
            for cell in self.cells()
            if cell.parent == parent and cell.state is not State.STOPPED
        }

    def children_down(self, parent: str) -> list[str]:
        """Name an actor's children that wait for a new incarnation."""
        return [
            cell.address.path.rsplit("/", 1)[1]
            for cell in self.cells()
            if cell.parent == parent and cell.state is State.DOWN
        ]

    def ended(self, cell: Cell, number: int, reason: str) -> None:
        """Take note that an incarnation has stopped in order; called by it."""
        if cell.retire(number) is not None:
            self._close(cell, reason)

    def _close(self, cell: Cell, reason: str) -> None:
        cell.state = State.STOPPED
        for cancel in list(cell.timers.values()):
            cancel()
        while (left := cell.mailbox.get(timeout=0)) is not None:
            if not isinstance(left.message, Stop):
                self.bury(cell.address.path, left, "stopped")
        self._tell_down(cell, Down(cell.address, cell.number, "stopped", detail=reason))

    def crashed(
        self, cell: Cell, number: int, envelope: Envelope, failure: BaseException, trace: str
    ) -> None:
        """End an incarnation that raised; called by it. A zombie's crash is only noted."""
        path = cell.address.path
        cancellables = cell.retire(number)
        if cancellables is None:
            self.events.emit("zombie.crashed", level="debug", actor=path, incarnation=number)
            return
        line = f"{type(failure).__name__}: {failure}"
        self.events.emit(
            "actor.crashed",
            level="error",
            text=f"{path} crashed on {type(envelope.message).__name__}: {line}",
            actor=path,
            incarnation=number,
            reason=type(failure).__name__,
            message_type=type(envelope.message).__name__,
            message_id=envelope.id,
            attempt=envelope.attempt,
            mailbox_len=len(cell.mailbox),
            stack=trace,
        )
        for cancel in cancellables:
            self._cancel(cell, cancel)
        self._dispose(cell, envelope)
        permanent = isinstance(failure, PermanentFailure)
        self._tell_down(cell, Down(cell.address, number, "crash", permanent, line))

    def fence_overdue(self) -> list[Cell]:
        """Cut off every incarnation whose message is over its budget; called by the watchdog.

        First all are fenced, then their monitors are told, then blocking calls are ended: a
        replacement must not wait for the cleaning up after another.
        """
        now = self.clock.monotonic()
        hung: list[tuple[Cell, int, InHand, list[Callable[[], None]]]] = []
        for cell in self.cells():
            if cell.in_hand is None:
                continue
            number, stack = cell.number, self.dispatcher.stack
            cut = cell.fence(now)
            if cut is not None:
                hung.append((cell, number, *cut))
                self._report_hang(cell, number, cut[0], stack(cell))
        for cell, number, hand, _ in hung:
            self._dispose(cell, hand.envelope)
            detail = type(hand.envelope.message).__name__
            self._tell_down(cell, Down(cell.address, number, "hung", detail=detail))
        for cell, _, _, cancellables in hung:
            for cancel in cancellables:
                self._cancel(cell, cancel)
        return [cell for cell, _, _, _ in hung]

    def _report_hang(self, cell: Cell, number: int, hand: InHand, stack: str) -> None:
        path, message = cell.address.path, type(hand.envelope.message).__name__
        took = self.clock.monotonic() - hand.since
        self.events.emit(
            "actor.hung",
            level="error",
            text=(
                f"TIMEOUT_ALERT - Task: {path} | Operation: {message} | Duration: {took:.2f}s"
                f" | Timeout: {hand.budget:g}s | Status: processing | Errors: {cell.restarts}"
            ),
            actor=path,
            incarnation=number,
            message_type=message,
            message_id=hand.envelope.id,
            attempt=hand.envelope.attempt,
            over_budget_ms=round((took - hand.budget) * 1000),
            mailbox_len=len(cell.mailbox),
            stack=stack,
        )

    def _cancel(self, cell: Cell, cancel: Callable[[], None]) -> None:
        try:
            cancel()
        except Exception as failure:
            self.events.emit(
                "cancel.failed", level="warning", actor=cell.address.path, reason=repr(failure)
            )

    def _dispose(self, cell: Cell, envelope: Envelope) -> None:
        """Decide on the message that an incarnation died of, by its type's policy."""
        message = envelope.message
        if isinstance(message, Starting | Stop):
            return
        if getattr(type(message), "redeliver", "never") == "once" and envelope.attempt < 2:
            again = msgspec.structs.replace(envelope, attempt=envelope.attempt + 1)
            cell.mailbox.give_back(again)
            return
        self.bury(cell.address.path, envelope, "poison")

    def _tell_down(self, cell: Cell, down: Down) -> None:
        for path in list(cell.monitors):
            watcher = self._cells.get(path)
            if watcher is not None and watcher.state is not State.STOPPED:
                watcher.mailbox.put_system(Envelope(down, self.next_id()))
                self.dispatcher.woken(watcher)
        # Nobody stands above the root: the system itself never lets it stay down.
        if not cell.parent and down.reason != "stopped":
            self.restart(cell.address.path, down.reason)

    def monitor(self, path: str, watcher: str) -> None:
        """Tell `watcher` whenever an incarnation at `path` ends."""
        cell = self._cells.get(path)
        if cell is not None:
            cell.monitors.add(watcher)

    # -- messages

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
        if cell is None or cell.state is State.STOPPED:
            self.bury(path, envelope, "no_actor" if cell is None else "stopped")
            return False
        if cell.mailbox.put(envelope) is Put.REJECTED:
            self.bury(path, envelope, "overflow")
            if cell.props.overflow is not None and envelope.sender is not None:
                self.send(envelope.sender, cell.props.overflow(envelope.message))
            return False
        self.dispatcher.woken(cell)
        return True

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
        """Bring an answer to an asking actor."""
        cell = self._cells.get(asker.path)
        if cell is not None and cell.state is not State.STOPPED:
            cell.mailbox.put(Envelope(Answer(ask_id, value), self.next_id()))
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

    def stash(self, cell: Cell, envelope: Envelope) -> None:
        """Keep a message beside the mailbox; called by the actor."""
        cell.stashed.append(envelope)

    def unstash(self, cell: Cell) -> None:
        """Queue kept messages again; called by the actor, or before a new incarnation runs."""
        stashed, cell.stashed = cell.stashed, []
        for envelope in reversed(stashed):
            cell.mailbox.give_back(envelope)
        if stashed:
            self.dispatcher.woken(cell)

    # -- timers

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after wall seconds, from the dispatcher's timer thread."""
        self.dispatcher.after(seconds, call)

    def set_timer(
        self,
        cell: Cell,
        incarnation: int,
        key: str,
        message: Any,
        *,
        after: float | None,
        at: GameTime | None,
    ) -> None:
        """Arm a keyed timer of an incarnation; it dies with it. Raises ValueError."""
        if (after is None) == (at is None):
            raise ValueError("a timer takes either `after` or `at`")

        def fire() -> None:
            if cell.number == incarnation:
                self.post(cell.address.path, Envelope(message, self.next_id()))

        self.cancel_timer(cell, key)
        if at is not None:
            cell.timers[key] = self.dispatcher.at(at, fire)
        elif after is not None:
            cell.timers[key] = self.dispatcher.after(after, fire)

    def cancel_timer(self, cell: Cell, key: str) -> None:
        """Forget a keyed timer."""
        cancel = cell.timers.pop(key, None)
        if cancel is not None:
            cancel()
