"""The only way out of an actor; every call checks that its incarnation is still the live one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.errors import FleetError
from fleet.runtime.actor import Props
from fleet.runtime.address import Address
from fleet.runtime.envelope import Envelope
from fleet.runtime.future import AskFailed, AskTimeout
from fleet.runtime.lanes import LaneMailbox

if TYPE_CHECKING:
    from fleet.runtime.cell import Cell
    from fleet.runtime.system import ActorSystem

M = TypeVar("M")


class Fenced(FleetError):
    """This incarnation has been replaced: nothing it does counts any more."""


class Context(Generic[M]):
    """What one incarnation may do. Not to be shared, nor kept beyond it."""

    def __init__(self, system: ActorSystem, cell: Cell, number: int) -> None:
        self._system = system
        self._cell = cell
        self.incarnation = number
        self.envelope = Envelope(None, 0)
        """The envelope in hand."""

        self.random = random.Random(f"{system.seed}:{cell.address.path}:{number}")
        """Seeded from the system's seed, the path and the incarnation."""

        self._asks: dict[int, Callable[[Any], M]] = {}

    def _check(self) -> None:
        if self._cell.number != self.incarnation:
            raise Fenced(f"{self._cell.address.path} was replaced")

    @property
    def self(self) -> Address[M]:
        """The actor's own address."""
        return self._cell.address

    @property
    def sender(self) -> Address[Any] | None:
        """Who sent the message in hand, if an actor did."""
        return self.envelope.sender

    @property
    def lanes(self) -> LaneMailbox:
        """The actor's own lanes. Raises TypeError when its mailbox has none."""
        self._check()
        if not isinstance(self._cell.mailbox, LaneMailbox):
            raise TypeError(f"{self._cell.address.path} has no lanes")
        return self._cell.mailbox

    def address(self, path: str) -> Address[Any]:
        """Name an actor by its path; it need not exist (yet)."""
        return self._system.address(path)

    def now(self) -> GameTime:
        """Tell game time."""
        return self._system.clock.game()

    def monotonic(self) -> Monotonic:
        """Tell this machine's steady time."""
        return self._system.clock.monotonic()

    def tell(self, to: Address[Any], message: Any, *, expires: GameTime | None = None) -> int:
        """Send a message; tell its envelope's id. Raises Fenced."""
        self._check()
        return self._system.send(
            to,
            message,
            sender=self._cell.address,
            incarnation=self.incarnation,
            expires=expires,
            causation=self.envelope.id,
        )

    def ask(
        self, to: Address[Any], message: Any, *, timeout: float, on_reply: Callable[[Any], M]
    ) -> None:
        """Send, and later receive `on_reply(answer)` as a message of one's own.

        The answer may be an AskTimeout (after `timeout` wall seconds) or an AskFailed.
        """
        self._check()
        ask_id = self._system.next_id()
        self._asks[ask_id] = on_reply
        late = AskTimeout(f"{to.path} did not answer within {timeout:g} s")
        self._system.after(timeout, lambda: self._system.answer(self._cell.address, ask_id, late))
        envelope = Envelope(
            message,
            ask_id,
            sender=self._cell.address,
            sender_incarnation=self.incarnation,
            causation=self.envelope.id,
            wants_answer=True,
        )
        if not self._system.post(to.path, envelope):
            failed = AskFailed(f"{to.path} takes no messages")
            self._system.answer(self._cell.address, ask_id, failed)

    def unwrap(self, ask_id: int, value: Any) -> M | None:
        """Turn an answer into the message the asker wanted; None when nobody waits for it."""
        on_reply = self._asks.pop(ask_id, None)
        return None if on_reply is None else on_reply(value)

    def reply(self, value: Any, to: Envelope | None = None) -> None:
        """Answer the ask in hand, or a kept envelope; nothing happens where nobody asked."""
        self._check()
        self._system.reply(to or self.envelope, value)

    def timer(
        self, key: str, message: M, *, after: float | None = None, at: GameTime | None = None
    ) -> None:
        """Receive `message` after wall seconds, or at a game time; the same key replaces."""
        self._check()
        self._system.set_timer(self._cell, self.incarnation, key, message, after=after, at=at)

    def cancel(self, key: str) -> None:
        """Forget a timer."""
        self._system.cancel_timer(self._cell, key)

    def spawn(self, name: str, props: Props) -> Address[Any]:
        """Start a child at `<own path>/<name>`; its end is told to this actor as Down."""
        self._check()
        path = f"{self._cell.address.path}/{name}"
        return self._system.spawn(path, props, parent=self._cell.address.path)

    def restart(self, child: Address[Any], reason: str) -> None:
        """Start a new incarnation of a child that is down."""
        self._check()
        self._system.restart(child.path, reason)

    def stop(self, child: Address[Any], reason: str = "stopped") -> None:
        """Ask a child to end after the message in hand."""
        self._check()
        self._system.stop(child.path, reason)

    def abandon(self, child: Address[Any]) -> None:
        """End a child at once: fence it, whatever it does, and close its address."""
        self._check()
        self._system.abandon(child.path)

    def retire(self, child: Address[Any]) -> None:
        """Cut a child's incarnation off without telling anybody; `restart` brings the next."""
        self._check()
        self._system.retire(child.path)

    def children(self) -> dict[str, Props]:
        """List the children that have not stopped, by path."""
        return self._system.children(self._cell.address.path)

    def children_down(self) -> list[str]:
        """Name the children that wait for a new incarnation."""
        return self._system.children_down(self._cell.address.path)

    def monitor(self, other: Address[Any]) -> None:
        """Receive Down whenever an incarnation of the other ends."""
        self._check()
        self._system.monitor(other.path, self._cell.address.path)

    def stash(self) -> None:
        """Keep the message in hand for later."""
        self._check()
        self._system.stash(self._cell, self.envelope)

    def unstash(self) -> None:
        """Queue all kept messages again, ahead of what came after them."""
        self._check()
        self._system.unstash(self._cell)

    def progress(self) -> None:
        """Start the budget of the message in hand anew; a bounded number of times."""
        self._check()
        hand = self._cell.in_hand
        if hand is not None and hand.progressed < self._cell.props.progress_limit:
            hand.progressed += 1
            hand.since = self.monotonic()

    def on_cancel(self, cancel: Callable[[], None]) -> None:
        """Register what ends this incarnation's blocking call; run when it is replaced."""
        self._check()
        self._cell.cancellables.append(cancel)

    def log(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Record an event with this actor's name and incarnation."""
        self._system.events.emit(
            event,
            level=level,
            text=text,
            actor=self._cell.address.path,
            incarnation=self.incarnation,
            **fields,
        )
