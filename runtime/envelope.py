"""What travels: a message with everything the kernel must know about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.runtime.future import Future

if TYPE_CHECKING:
    from fleet.runtime.address import Address


class Envelope(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One message on its way. A msgspec struct, since one is made per message sent.

    The garbage collector does not follow it: its list of all objects links each with its
    neighbours, so that freeing one touches memory of three, which took a fifth of the time of
    a message among a hundred actors. So no envelope may be kept where it is part of a circle:
    what ends lets go of its last one, and a dead letter keeps a `Kept`.
    """

    message: Any
    id: int
    sender: Address[Any] | None = None
    sender_incarnation: int = 0
    expires: GameTime | None = None
    """After this game time the message is not worth handling."""

    attempt: int = 1
    causation: int = 0
    """Id of the envelope whose handling sent this one; 0 from outside."""

    sent: float = 0.0
    """When it was sent, on this machine's steady clock; 0 when that is of no interest."""

    future: Future[Any] | None = None
    """Set when code outside actors waits for the answer."""

    wants_answer: bool = False
    """Set when an actor asked: the answer goes back to `sender`."""

    own: bool = False
    """An answer or a timer of the actor's own: a full mailbox takes it all the same."""

    timer: tuple[str, int] | None = None
    """Key and serial of the timer that sent this; it dies with its incarnation."""

    deadline: float = math.inf
    """Until when somebody waits for the answer, on this machine's steady clock."""

    @property
    def asked(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.future is not None or self.wants_answer


class Kept(Envelope, frozen=True, eq=False, gc=True):
    """An envelope that may lie for long; the garbage collector follows it."""


def to_keep(envelope: Envelope) -> Kept:
    """Copy an envelope for somewhere that its message may lead back to."""
    return Kept(*msgspec.structs.astuple(envelope))


class Answer(msgspec.Struct, frozen=True):
    """The reply to an actor's ask; the kernel unwraps it through the asker's `on_reply`."""

    to: int
    value: Any


class Stop(msgspec.Struct, frozen=True):
    """Ends the actor after the message in hand; goes through the system lane."""

    reason: str = "stopped"
