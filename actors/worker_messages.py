"""What the bucket and a worker say to each other beyond `protocol.api`."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.api import Finished, Send
from fleet.protocol.clock import GameTime


@dataclass(frozen=True, slots=True)
class Order:
    """A Send for one incarnation of a worker; any later one leaves it alone.

    Without this, an order that waits in the mailbox while its worker dies would be carried
    out by the replacement after the bucket has given the request up.
    """

    send: Send
    incarnation: int
    at: GameTime | None = None
    """When to send it, if not at once: the worker's own thread waits more exactly than a timer
    and two mailboxes."""


@dataclass(frozen=True, slots=True)
class Report:
    """A replaced bucket asks a worker what it did last; answered with WorkerReport."""


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Whoever answers has nothing in hand: it works in its mailbox's order."""

    incarnation: int
    last: Finished | None
    """Its latest result, which may have got lost with the bucket; None if it had none."""
