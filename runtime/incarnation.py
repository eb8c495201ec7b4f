"""One life of an actor: how each message is taken in hand, whichever dispatcher runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from fleet.runtime.actor import Actor, Hang, Starting
from fleet.runtime.cell import Cell
from fleet.runtime.chaos import Fault, Scene, misbehave
from fleet.runtime.context import Context, Fenced
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Bell, wait
from fleet.runtime.traces import of_failure

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


class Incarnation:
    """Runs in one thread (or the virtual dispatcher) until it stops, fails or is fenced."""

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
        self._actor: Actor[Any] | None = None
        self.hang: Hang | None = None
        """What the last handler returned, in virtual time."""

    @property
    def live(self) -> bool:
        """Whether this is the incarnation that counts."""
        return self.cell.number == self.number

    def start(self) -> bool:
        """Make the actor and run its first hook; say whether it lives."""
        envelope = Envelope(Starting(), self._system.next_id())
        now, budget = self._system.clock.monotonic(), self.cell.props.start_budget
        return self.cell.begin(self.number, envelope, now, budget) and self._guarded(
            envelope, self._start
        )

    def _start(self, _: Envelope) -> Hang | None:
        if isinstance(self.cell.mailbox, LaneMailbox):
            self.cell.mailbox.restore()
        self._actor = self.cell.props.factory()
        if self._reason is None:
            return self._actor.on_start(self.context)
        return self._actor.on_restart(self.context, self._reason)

    def take(self, timeout: float | None) -> Envelope | None:
        """Wait for a message and take it in hand; None when there is none, or when fenced."""
        wait(self._bell, timeout)
        return self.cell.take(self.number, self._system.clock.monotonic())

    def handle(self, envelope: Envelope) -> bool:
        """Handle the message in hand; say whether this incarnation goes on."""
        if isinstance(envelope.message, Stop):
            return self._stop(envelope)
        return self._guarded(envelope, self._receive)

    def _receive(self, envelope: Envelope) -> Hang | None:
        assert self._actor is not None
        opened: Envelope | None = envelope
        if envelope.expires is not None or envelope.timer is not None:
            opened = self._worth_handling(envelope)
        elif isinstance(envelope.message, Answer):
            opened = self._unwrap(envelope, envelope.message)
        if opened is None:
            self.cell.discount(self.number)
            return None
        if isinstance(opened.message, Fault):
            scene = Scene(self.context, self._system.clock, self.cell.props.budget)
            return misbehave(opened.message, scene)
        return self._actor.receive(self.context, opened.message)

    def _worth_handling(self, envelope: Envelope) -> Envelope | None:
        """Drop what came too late: expired, or of a timer that was replaced or has died."""
        if envelope.timer is not None and not self.context.rang(envelope):
            return None
        if envelope.expires is not None and self._system.clock.game() > envelope.expires:
            self._system.bury(self.cell.address.path, envelope, "expired")
            return None
        return envelope

    def _unwrap(self, envelope: Envelope, answer: Answer) -> Envelope | None:
        """Make the asker's own message of an answer; None when nobody waits for it."""
        message = self.context.unwrap(answer.to, answer.value)
        if message is None:
            return None
        opened = msgspec.structs.replace(envelope, message=message)
        self.cell.retake(self.number, opened)
        self.context.envelope = opened
        return opened

    def _stop(self, envelope: Envelope) -> bool:
        reason = envelope.message.reason
        self.cell.retake(self.number, envelope)
        self.cell.discount(self.number)

        def stopping(_: Envelope) -> None:
            assert self._actor is not None
            self._actor.on_stop(self.context, reason)

        if self._guarded(envelope, stopping):
            self._system.ended(self.cell, self.number, reason)
        return False

    def _guarded(self, envelope: Envelope, act: Callable[[Envelope], Hang | None]) -> bool:
        self.context.envelope = envelope
        try:
            returned = act(envelope)
        # Even SystemExit and KeyboardInterrupt are one actor's failure, not the fleet's end.
        except BaseException as failure:
            if isinstance(failure, Fenced) and not self.live:
                self._system.outlived(self.cell, self.number)
            else:
                # An answer may have become a message of the actor's own by now.
                envelope, trace = self.context.envelope, of_failure(failure)
                self._system.crashed(self.cell, self.number, envelope, failure, trace)
            return False
        # Anything else that a handler may return is of no meaning.
        if isinstance(returned, Hang):
            self.hang = returned
            return True
        if self.cell.end(self.number):
            return True
        self._system.outlived(self.cell, self.number)
        return False

    def finish(self) -> bool:
        """Put the message out of hand; say whether this incarnation goes on."""
        self.hang = None
        if self.cell.end(self.number):
            return True
        self._system.outlived(self.cell, self.number)
        return False
