"""The only way out of an actor; every call checks that its incarnation is still the live one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import msgspec

from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.errors import FleetError
from fleet.runtime.actor import Down, Props, Up
from fleet.runtime.address import Address
from fleet.runtime.credits import Credited, Sender
from fleet.runtime.envelope import Envelope
from fleet.runtime.future import AskTimeout
from fleet.runtime.lanes import LaneMailbox

if TYPE_CHECKING:
    from fleet.runtime.cell import Cell
    from fleet.runtime.system import ActorSystem

M = TypeVar("M")


class Fenced(FleetError):
    """This incarnation has been replaced: nothing it does counts any more."""


class Context(Generic[M]):
    """What one incarnation may do. Not to be shared, nor kept beyond it."""

    __slots__ = ("_asks", "_cell", "_random", "_system", "_told", "envelope", "incarnation")

    def __init__(self, system: ActorSystem, cell: Cell, number: int) -> None:
        self._system = system
        self._cell = cell
        self.incarnation = number
        self.envelope = Envelope(None, 0)
        """The envelope in hand."""

        self._told = False
        """Whether it was told already that it has been replaced, and goes on."""

        self._random: random.Random | None = None
        self._asks: dict[int, tuple[Callable[[Any], M], Callable[[], None]]] = {}
        """By envelope id: what makes a message of the answer, and what forgets the timeout."""

    def _check(self) -> None:
        if self._cell.number != self.incarnation:
            self._fenced()

    def _fenced(self) -> NoReturn:
        path = self._cell.address.path
        if not self._told:
            # Once: what swallows this and tries again would fill the log.
            self._told = True
            self._tell_of_effect(path, type(self.envelope.message).__name__)
        raise Fenced(f"{path} was replaced")

    def _tell_of_effect(self, path: str, message: str) -> None:
        self._system.events.emit(
            "effect.fenced",
            text=f"STALE_RESULT - {path} was replaced: what it still does about {message} is void",
            actor=path,
            incarnation=self.incarnation,
            message_type=message,
            message_id=self.envelope.id,
        )

    @property
    def self(self) -> Address[M]:
        """The actor's own address."""
        return self._cell.address

    @property
    def random(self) -> random.Random:
        """Give the generator seeded from the system's seed, the path and the incarnation."""
        # It takes 2.5 KiB, and most actors leave nothing to chance.
        if self._random is None:
            seed = f"{self._system.seed}:{self._cell.address.path}:{self.incarnation}"
            self._random = random.Random(seed)
        return self._random

    @property
    def sender(self) -> Address[Any] | None:
        """Who sent the message in hand, if an actor did."""
        return self.envelope.sender

    @property
    def lanes(self) -> LaneMailbox:
        """The actor's own lanes. Raises TypeError when its mailbox has none, and Fenced.

        Take them anew after anything that may have been slow: only this look checks the fence.
        """
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
        cell, system = self._cell, self._system
        if cell.number != self.incarnation:
            self._fenced()
        number = system.next_id()
        envelope = Envelope(
            message,
            number,
            cell.address,
            self.incarnation,
            expires,
            1,
            self.envelope.id,
            system.clock.monotonic(),
        )
        system.post(to.path, envelope)
        return number

    def credit(self, to: Address[Any], most: int, *, on_credit: Callable[[int], M]) -> int:
        """Ask how many messages may be sent to a mailbox with credits; `most` are of use.

        0: `on_credit(n)` is received when there is room for n, or with n = 0 when the address
        has closed. What was granted is void when this incarnation ends. Any other mailbox
        grants all that is asked. Raises Fenced.
        """
        self._check()
        target = self._system.cell(to.path)
        if target is None or target.closed or not isinstance(target.mailbox, Credited):
            return most
        cell, incarnation, ask_id = self._cell, self.incarnation, self._system.next_id()

        def tell(granted: int) -> None:
            self._system.answer(cell.address, ask_id, granted)

        sender = Sender(
            cell.address.path, incarnation, lambda: cell.number == incarnation, tell, most
        )
        # Nobody else would notice the end of one that holds credits and sends nothing.
        if not cell.leave_word(incarnation, target.mailbox.sweep):
            self._fenced()
        self._asks[ask_id] = on_credit, _nothing_to_cancel
        granted = target.mailbox.request(sender)
        if granted:
            del self._asks[ask_id]
        return granted

    def ask(
        self, to: Address[Any], message: Any, *, timeout: float, on_reply: Callable[[Any], M]
    ) -> None:
        """Send, and later receive `on_reply(answer)` as a message of one's own.

        The answer may be an AskTimeout (after `timeout` wall seconds) or an AskFailed. A message
        that is not in hand by then is never handled.
        """
        self._check()
        ask_id = self._system.next_id()
        late = AskTimeout(f"{to.path} did not answer within {timeout:g} s")
        cancel = self._system.dispatcher.after(
            timeout, lambda: self._system.answer(self._cell.address, ask_id, late)
        )
        self._asks[ask_id] = on_reply, cancel
        envelope = Envelope(
            message,
            ask_id,
            sender=self._cell.address,
            sender_incarnation=self.incarnation,
            causation=self.envelope.id,
            sent=self._moment(),
            wants_answer=True,
            deadline=self._steady() + timeout,
        )
        # What is not taken is buried, and that answers with an AskFailed.
        self._system.post(to.path, envelope)

    def _moment(self) -> float:
        """Tell when an ask is sent, for those who look how long it waits."""
        return self._steady()

    def _steady(self) -> float:
        """Tell the steady time for an ask's deadline."""
        return self._system.clock.monotonic()

    def unwrap(self, ask_id: int, value: Any) -> M | None:
        """Turn an answer into the message the asker wanted; None when nobody waits for it."""
        on_reply, cancel = self._asks.pop(ask_id, (None, None))
        if on_reply is None or cancel is None:
            return None
        cancel()
        return on_reply(value)

    def reply(self, value: Any, to: Envelope | None = None) -> None:
        """Answer the ask in hand, or a kept envelope; nothing happens where nobody asked."""
        if self._cell.number != self.incarnation:
            self._fenced()
        asked = self.envelope if to is None else to
        if asked.future is not None:
            asked.future.set(value)
        else:
            self._system.reply(asked, value)

    def timer(
        self, key: str, message: M, *, after: float | None = None, at: GameTime | None = None
    ) -> None:
        """Receive `message` after wall seconds, or at a game time; the same key replaces.

        A timer that was replaced or cancelled is not received any more, even if its message
        is queued already, and none outlives its incarnation.
        """
        self._check()
        self._system.timers.set(self._cell, self.incarnation, key, message, after=after, at=at)

    def cancel(self, key: str) -> None:
        """Forget a timer."""
        self._check()
        self._system.timers.cancel(self._cell, self.incarnation, key)

    def rang(self, envelope: Envelope) -> bool:
        """Say whether a timer's message still counts; its key is free from then on."""
        return self._system.timers.rang(self._cell, self.incarnation, envelope)

    def spawn(
        self,
        name: str,
        props: Props,
        *,
        note: Any = None,
        in_turn: bool = False,
        remembered: bool = False,
    ) -> Address[Any]:
        """Start a child at `<own path>/<name>`; its end is told to this actor as Down.

        `note` is kept for a later incarnation of this actor. With `in_turn` only its mailbox is
        there until `restart`, and each of its starts is told as Up. With `remembered`,
        `has_ended` knows of its end however many others have ended since. Raises ValueError
        when a live child has the name.
        """
        self._check()
        if not name or "/" in name:
            raise ValueError(f"a child's name is a word without a slash, not {name!r}")
        parent = self._cell.address.path
        return self._system.spawn(
            f"{parent}/{name}",
            props,
            parent=parent,
            note=note,
            in_turn=in_turn,
            remembered=remembered,
            check=self._check,
        )

    def restart(self, child: Address[Any], reason: str | None) -> bool:
        """Start a new incarnation of a child that is down; say whether it was.

        The reason is why the last one ended; None when there was none.
        """
        self._check()
        return self._system.restart(child.path, reason)

    def quarantine(self, child: Address[Any], seconds: float) -> None:
        """Fail asks to a child that is down, and to all below it, until it is restarted."""
        self._check()
        self._system.quarantine(child.path, seconds)

    def stop(self, child: Address[Any], reason: str = "stopped") -> None:
        """Ask a child, or oneself, to end after the message in hand.

        Its address closes then. With the reason "normal" it is down instead, and whoever
        supervises it decides: a permanent child begins anew.
        """
        self._check()
        self._system.stop(child.path, reason)

    def abandon(self, child: Address[Any]) -> None:
        """End a child and all below it at once: fence them, and close their addresses."""
        self._check()
        self._system.abandon(child.path)

    def retire(self, child: Address[Any], *, subtree: bool = False) -> None:
        """Cut a child's incarnation off without telling anybody; `restart` brings the next."""
        self._check()
        self._system.retire(child.path, subtree=subtree)

    def children(self) -> dict[str, Props]:
        """List the children that have not stopped, by path."""
        return self._system.children(self._cell.address.path)

    def children_down(self) -> list[str]:
        """Name the children that wait for a new incarnation."""
        return self._system.children_down(self._cell.address.path)

    def has_ended(self, child: Address[Any]) -> bool:
        """Say whether there was such an actor and its address is closed."""
        return self._system.has_ended(child.path)

    def note(self, child: Address[Any]) -> Any:
        """Read what was noted when the child was spawned."""
        cell = self._system.cell(child.path)
        return None if cell is None else cell.note

    def is_current(self, down: Down | Up) -> bool:
        """Say whether a Down or Up still tells how its address stands, or has been overtaken."""
        return self._system.is_current(down)

    def monitor(self, other: Address[Any]) -> None:
        """Receive Down whenever an incarnation of the other ends; at once if there is none."""
        self._check()
        self._system.monitor(other.path, self._cell.address.path)

    def stash(self) -> None:
        """Keep the message in hand for later."""
        self._check()
        # What was received once is no timer's any more: it counts when it comes back.
        kept = msgspec.structs.replace(self.envelope, timer=None)
        if not self._cell.stash(self.incarnation, kept):
            self._fenced()

    def unstash(self) -> None:
        """Queue all kept messages again, ahead of what came after them."""
        self._check()
        if self._cell.unstash(self.incarnation):
            self._system.dispatcher.woken(self._cell)

    def progress(self) -> None:
        """Start the budget of the message in hand anew; a bounded number of times."""
        self._check()
        self._cell.progress(self.incarnation, self.monotonic())

    def on_cancel(self, cancel: Callable[[], None]) -> Callable[[], None]:
        """Register what ends this incarnation's blocking call; run when it is replaced.

        Returns what takes it back once the call is over. Runs in another thread.
        """
        if not self._cell.register(self.incarnation, cancel):
            self._fenced()
        return lambda: self._cell.forget(cancel)

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


def _nothing_to_cancel() -> None:
    """Stand where an ask has its timeout: credits are waited for as long as it takes."""
