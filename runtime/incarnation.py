"""One life of an actor: how each message is taken in hand, whichever dispatcher runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from fleet.runtime.actor import Actor, Hang, Starting, Taking
from fleet.runtime.cell import NOTHING, Cell
from fleet.runtime.chaos import Fault, Leaked, Misbehave, Misbehaviour, Poison, Scene, misbehave
from fleet.runtime.context import Context, Fenced
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Bell
from fleet.runtime.traces import of_failure

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem

SPECIAL = frozenset({Answer, Leaked, Misbehave, Poison, Stop})
"""Messages that the kernel itself handles; none of them has subclasses."""


class Incarnation:
    """Runs in one thread (or the virtual dispatcher) until it stops, fails or is fenced."""

    __slots__ = (
        "_actor", "_bell", "_reason", "_receive", "_starting", "_system", "cell", "context",
        "hang", "number",
    )  # fmt: skip

    def __init__(
        self, system: ActorSystem, cell: Cell, number: int, bell: Bell, reason: str | None
    ) -> None:
        self._system = system
        self.cell = cell
        self.number = number
        self._bell = bell
        self._reason = reason
        """Why the one before it ended; None for the first."""

        self.context: Context[Any] = Context(system, cell, number)
        self._actor: Actor[Any] = UNBORN
        self._receive = UNBORN.receive
        self._starting = True
        """Whether it is still to be told that it has come through its start."""

        self.hang: Hang | None = None
        """What the last handler returned, in virtual time."""

    @property
    def live(self) -> bool:
        """Whether this is the incarnation that counts."""
        return self.cell.number == self.number

    @property
    def replaces(self) -> bool:
        """Whether one before it died: then its mailbox waits, and it is to start at once."""
        return self._reason is not None

    def run(self) -> None:
        """Live: start, and handle messages until the end, in the caller's thread."""
        try:
            if self.start():
                self._run()
        # Not the actor's code, whose failures end above: its mailbox failed at being read. The
        # address must not be left without a thread.
        except BaseException as failure:
            envelope = Envelope(Taking(), self._system.next_id())
            trace = of_failure(failure)
            self._system.crashed(self.cell, self.number, envelope, failure, trace)
        finally:
            self.let_go()

    def _run(self) -> None:
        cell, ring, act = self.cell, self._bell.get, self._act
        take = cell.take
        monotonic, number = self._system.clock.monotonic, self.number
        envelope: Envelope | None = None
        while True:
            # Each message rings once: where one is in hand already this does not wait.
            ring()
            if envelope is None:
                envelope = take(number, monotonic())
            if envelope is not None and not act(envelope):
                return
            # Ends the one in hand: one handshake does for both.
            envelope = take(number, monotonic())
            if envelope is None and cell.number != number:
                self._system.outlived(cell, number)
                return

    def start(self) -> bool:
        """Make the actor and run its first hook; say whether it lives."""
        envelope = Envelope(Starting(), self._system.next_id())
        now, budget = self._system.clock.monotonic(), self.cell.props.start_budget
        if not self.cell.begin(self.number, envelope, now, budget):
            return False
        self.context.envelope = envelope
        try:
            returned = self._start()
        # Even SystemExit and KeyboardInterrupt are one actor's failure, not the fleet's end.
        except BaseException as failure:
            return self._failed(failure)
        if isinstance(returned, Hang):
            self.hang = returned
            return True
        return self.finish()

    def _start(self) -> Hang | None:
        if isinstance(self.cell.mailbox, LaneMailbox):
            self.cell.mailbox.restore()
        self._actor = self.cell.props.factory()
        self._receive = self._actor.receive
        if self._reason is None:
            return self._actor.on_start(self.context)
        return self._actor.on_restart(self.context, self._reason)

    def handle(self, envelope: Envelope, *, busy: Hang | None = None) -> bool:
        """Handle the message in hand to its end; say whether this incarnation goes on.

        `busy` is for virtual time: be busy that long, whatever the handler returns.
        """
        if not self._act(envelope):
            return False
        self.hang = self.hang or busy
        return self.hang is not None or self.finish()

    def gone(self) -> None:
        """Take note that a zombie has come back, where it could not do so itself."""
        self._system.outlived(self.cell, self.number)

    def crash(self, envelope: Envelope) -> bool:
        """Die of the message in hand before it is handled; for virtual time."""
        self.context.envelope = envelope
        return self._failed(Misbehaviour("struck down"))

    def _act(self, envelope: Envelope) -> bool:
        """Do what a message asks for; False when that has ended this incarnation."""
        context, message = self.context, envelope.message
        context.envelope = envelope
        try:
            if (
                type(message) not in SPECIAL
                and envelope.expires is None
                and envelope.timer is None
                and envelope.deadline >= self.cell.hand.since
            ):
                returned = self._receive(context, message)
            elif type(message) is Stop:
                return self._stop(envelope)
            else:
                returned = self._open(envelope)
        except BaseException as failure:
            return self._failed(failure)
        # Anything else that a handler may return is of no meaning.
        if returned is not None and isinstance(returned, Hang):
            self.hang = returned
        return True

    def _open(self, envelope: Envelope) -> Hang | None:
        """Handle what has to be looked into first."""
        if envelope.timer is not None and not self.context.rang(envelope):
            self.cell.drop(self.number)
            return None
        if self._is_late(envelope):
            # A zombie's message was disposed of when it was cut off.
            if self.cell.bury(self.number):
                self._system.bury(self.cell.address.path, envelope, "expired", self.cell)
            return None
        message = envelope.message
        if isinstance(message, Answer):
            return self._unwrap(envelope, message)
        if isinstance(message, Fault):
            scene = Scene(self.context, self._system.clock, self.cell.props.budget)
            return misbehave(message, scene)
        return self._receive(self.context, message)

    def _is_late(self, envelope: Envelope) -> bool:
        """Say whether a message is not worth handling, or nobody waits for its answer, any more."""
        if envelope.deadline < self.cell.hand.since:
            return True
        return envelope.expires is not None and self._system.clock.game() > envelope.expires

    def _unwrap(self, envelope: Envelope, answer: Answer) -> Hang | None:
        """Make the asker's own message of an answer, unless nobody waits for it."""
        message = self.context.unwrap(answer.to, answer.value)
        if message is None:
            self.cell.drop(self.number)
            return None
        opened = msgspec.structs.replace(envelope, message=message)
        self.cell.retake(self.number, opened)
        self.context.envelope = opened
        return self._receive(self.context, message)

    def _stop(self, envelope: Envelope) -> bool:
        reason = envelope.message.reason
        self.cell.retake(self.number, envelope)
        self._actor.on_stop(self.context, reason)
        self.cell.drop(self.number)
        if self.finish():
            self._system.ended(self.cell, self.number, reason)
        return False

    def _failed(self, failure: BaseException) -> bool:
        if issubclass(type(failure), Fenced) and not self.live:
            self._system.outlived(self.cell, self.number)
        else:
            # An answer may have become a message of the actor's own by now.
            envelope, trace = self.context.envelope, of_failure(failure)
            self._system.crashed(self.cell, self.number, envelope, failure, trace)
        return False

    def let_go(self) -> None:
        """Forget the last message, which may lead back to here; called when all is over."""
        self.context.envelope = NOTHING

    def finish(self) -> bool:
        """Put the message out of hand; say whether this incarnation goes on."""
        self.hang = None
        if self.cell.end(self.number):
            if self._starting:
                self._starting = False
                self._system.up(self.cell, self.number)
            return True
        self._system.outlived(self.cell, self.number)
        return False


UNBORN: Actor[Any] = Actor()
"""Stands for the actor until its factory has made it."""
