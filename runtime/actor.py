"""What a user writes: an actor, and how it is to be run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from fleet.protocol.clock import GameTime
from fleet.runtime.mailbox import Fifo, Mailbox

if TYPE_CHECKING:
    from fleet.runtime.address import Address
    from fleet.runtime.context import Context

M = TypeVar("M")

Redeliver = Literal["never", "once", "dead_letter"]
"""What becomes of a message whose actor died on it.

"once": it is handled once more, and is a dead letter if the actor dies again.
"dead_letter": it is a dead letter at once; somebody may send it again by hand.
"never": a dead letter that nobody is to send again, since it may have taken effect.
"""


@dataclass(frozen=True, slots=True)
class Hang:
    """Returned by `receive` in virtual time: be busy until then, as a hung thread would."""

    until: GameTime


class Actor(Generic[M]):
    """One message at a time, in the thread of the live incarnation; sees the world by `ctx`.

    What a hook raises ends this incarnation; the supervisor decides on the next one. Messages
    may declare `redeliver: ClassVar[Redeliver]`; the default is "never".
    """

    def on_start(self, ctx: Context[M]) -> Hang | None:
        """Run before the first message of each incarnation."""

    def on_restart(self, ctx: Context[M], reason: str) -> Hang | None:
        """Run instead of `on_start` when an earlier incarnation crashed or hung."""
        return self.on_start(ctx)

    def receive(self, ctx: Context[M], message: M) -> Hang | None:
        """Handle one message."""

    def on_stop(self, ctx: Context[M], reason: str) -> None:
        """Run after the last message of an orderly stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Props:
    """How to make and run an actor: the factory runs in the new incarnation's thread."""

    factory: Callable[[], Actor[Any]]
    mailbox: Callable[[], Mailbox] = Fifo
    budget: float = 5.0
    """Wall seconds that one message may take before the watchdog replaces the actor."""

    budgets: Mapping[type, float] = field(default_factory=dict)
    """Other budgets by message type."""

    start_budget: float = 10.0
    """Wall seconds for `on_start` and `on_restart`."""

    stop_budget: float = 10.0
    """Wall seconds for `on_stop`."""

    overflow: Callable[[Any], Any] | None = None
    """Makes the message that tells a sender that its message found the mailbox full."""

    punctual: bool = False
    """Whether its thread is to push out others when it is woken, since it keeps to a clock.

    For the few whose lateness costs something: each such wake costs the whole process time.
    """

    progress_limit: int = 10
    """How often `ctx.progress()` may start the budget anew within one message."""


class Starting:
    """Stands for `on_start` where a message is expected: watchdog, events, crash reports."""

    redeliver: ClassVar[Redeliver] = "never"


class Taking(Starting):
    """Stands for the look into the mailbox, where that fails."""


@dataclass(frozen=True, slots=True)
class Up:
    """An incarnation has come through its start; told to the parent of one spawned `in_turn`."""

    address: Address[Any]
    incarnation: int


@dataclass(frozen=True, slots=True)
class Down:
    """An incarnation has ended; told to every monitor of its address."""

    address: Address[Any]
    incarnation: int
    reason: Literal["normal", "crash", "hung", "stopped"]
    permanent: bool = False
    """A failure that waiting cannot mend."""

    detail: str = ""
    """The exception or the hung message's type, in a line."""
