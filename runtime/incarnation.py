"""One life of an actor: how each message is taken in hand, whichever dispatcher runs it."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from fleet.runtime.actor import Actor, Hang, Starting
from fleet.runtime.cell import Cell
from fleet.runtime.context import Context, Fenced
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.lanes import LaneMailbox

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


class Incarnation:
    """Runs in one thread (or the virtual dispatcher) until it stops, fails or is fenced."""

    def __init__(self, system: ActorSystem, cell: Cell, number: int, reason: str | None) -> None:
        self._system = system
        self.cell = cell
        self.number = number
        self._reason = reason
        """Why the one before it ended; None for the first."""

        self.context: Context[Any] = Context(system, cell, number)
        self._actor: Actor[Any] | None = None
        self.hang: Hang | None = None
        """What the last handler returned, in virtual time."""

    def start(self) -> bool:
        """Make the actor and run its first hook; say whether it lives."""
        envelope = Envelope(Starting(), self._system.next_id())
        return self._guarded(envelope, self.cell.props.start_budget, self._start)

    def _start(self, _message: Any) -> Hang | None:
        if isinstance(self.cell.mailbox, LaneMailbox):
            self.cell.mailbox.restore()
        self._actor = self.cell.props.factory()
        if self._reason is None:
            return self._actor.on_start(self.context)
        return self._actor.on_restart(self.context, self._reason)

    def handle(self, envelope: Envelope) -> bool:
        """Handle one message; say whether this incarnation goes on."""
        message = envelope.message
        if isinstance(message, Stop):
            return self._stop(envelope)
        if isinstance(message, Answer):
            message = self.context.unwrap(message.to, message.value)
            if message is None:
                return True
        expires = envelope.expires
        if expires is not None and self._system.clock.game() > expires:
            self._system.bury(self.cell.address.path, envelope, "expired")
            return True
        budgets = self.cell.props.budgets
        budget = budgets.get(type(message), self.cell.props.budget)
        return self._guarded(envelope, budget, self._receive, message)

    def _receive(self, message: Any) -> Hang | None:
        assert self._actor is not None
        return self._actor.receive(self.context, message)

    def _stop(self, envelope: Envelope) -> bool:
        reason = envelope.message.reason

        def stopping(_message: Any) -> None:
            assert self._actor is not None
            self._actor.on_stop(self.context, reason)

        if self._guarded(envelope, self.cell.props.start_budget, stopping):
            self._system.ended(self.cell, self.number, reason)
        return False

    def _guarded(self, envelope: Envelope, budget: float, act: Any, message: Any = None) -> bool:
        now = self._system.clock.monotonic()
        if not self.cell.begin(self.number, envelope, now, budget):
            self._system.bury(self.cell.address.path, envelope, "fenced")
            return False
        self.context.envelope = envelope
        try:
            self.hang = act(message)
        except Fenced:
            return False
        # Even SystemExit and KeyboardInterrupt are one actor's failure, not the fleet's end.
        except BaseException as failure:
            trace = traceback.format_exc()
            self._system.crashed(self.cell, self.number, envelope, failure, trace)
            return False
        return True if self.hang is not None else self.finish()

    def finish(self) -> bool:
        """Put the message out of hand; say whether this incarnation goes on."""
        self.hang = None
        return self.cell.end(self.number)
