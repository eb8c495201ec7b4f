"""What a recorded context sees of the system: the same, and all that it was told is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from fleet.protocol.clock import GameTime, Monotonic
from fleet.runtime.actor import Down, Props, Up
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell
from fleet.runtime.envelope import Envelope
from fleet.runtime.events import EventSink
from fleet.runtime.keyed_timers import KeyedTimers

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


class Loaded:
    """Something that an actor read from outside at its start, encoded: it may change that."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class OpenTurn(msgspec.Struct, eq=False):
    """One message in hand: what its context told so far, and what it sent."""

    place: int
    life: int
    envelope: Envelope | None
    """None for the start of an incarnation."""

    at: float = 0.0
    values: list[Any] = []
    sent: list[tuple[str, Any]] = []
    held: Sequence[tuple[Envelope, GameTime]] = ()
    end: str = "open"
    detail: str = ""
    fenced: int = -1


class RecordingClock:
    """Keeps every time that it tells."""

    __slots__ = ("_game", "_monotonic", "_port")

    def __init__(self, system: ActorSystem, port: RecordingPort) -> None:
        self._game = system.clock.game
        self._monotonic = system.clock.monotonic
        self._port = port

    def game(self) -> GameTime:
        """Tell game time."""
        now = self._game()
        self._port.turn.values.append(now)
        return now

    def monotonic(self) -> Monotonic:
        """Tell this machine's steady time."""
        now = self._monotonic()
        self._port.turn.values.append(now)
        return now


class RecordingPort:
    """Stands before the system for one incarnation; used in its thread, timers' ways apart."""

    def __init__(self, system: ActorSystem, answered: dict[int, Any]) -> None:
        self._system = system
        self._answered = answered
        """By ask, what a recorded actor answered."""

        self.turn = OpenTurn(0, 0, None)
        """The one in hand, or the last: everything is kept for this one."""

        self.seed = system.seed
        self.clock = RecordingClock(system, self)
        self.timers = KeyedTimers(self)  # type: ignore[arg-type]
        self.address = system.address
        self.dispatcher = system.dispatcher
        self.cell: Callable[[str], Cell | None] = system.cell
        self.answer = system.answer
        self._next_id = system.next_id
        self.send = system.post
        """Puts an envelope into a mailbox, and keeps nothing of it."""

    @property
    def events(self) -> EventSink:
        """Where events go."""
        return self._system.events

    def next_id(self) -> int:
        """Make an id, and keep it."""
        number = self._next_id()
        self.turn.values.append(number)
        return number

    # -- what is sent

    def post(self, path: str, envelope: Envelope) -> bool:
        """Put an envelope into a mailbox; a timer's is no doing of the turn in hand."""
        if envelope.timer is None:
            self.turn.sent.append((path, envelope.message))
        return self.send(path, envelope)

    def reply(self, envelope: Envelope, value: Any) -> None:
        """Answer an ask, and keep who said so."""
        asker = envelope.sender.path if envelope.sender is not None else ""
        self.turn.sent.append((asker, value))
        if envelope.wants_answer:
            self._answered[envelope.id] = value
        self._system.reply(envelope, value)

    # -- children

    def spawn(self, path: str, props: Props, **how: Any) -> Address[Any]:
        """Start an actor, and keep whether the path was free."""
        try:
            address = self._system.spawn(path, props, **how)
        except ValueError:
            self.turn.values.append(False)
            raise
        self.turn.values.append(True)
        return address

    def restart(self, path: str, reason: str | None) -> bool:
        """Start a child anew, and keep whether it was down."""
        return self._keep(self._system.restart(path, reason))

    def _keep(self, told: bool) -> bool:
        self.turn.values.append(told)
        return told

    def children(self, parent: str) -> dict[str, Props]:
        """List children, and keep which."""
        found = self._system.children(parent)
        self.turn.values.append(list(found))
        return found

    def children_down(self, parent: str) -> list[str]:
        """Name the children that are down, and keep which."""
        found = self._system.children_down(parent)
        self.turn.values.append(list(found))
        return found

    def has_ended(self, path: str) -> bool:
        """Say whether an address has closed."""
        return self._keep(self._system.has_ended(path))

    def is_current(self, down: Down | Up) -> bool:
        """Say whether a Down or Up still counts."""
        return self._keep(self._system.is_current(down))

    def monitor(self, path: str, watcher: str) -> None:
        """Have an actor's ends told."""
        self.turn.sent.append((path, "monitor"))
        self._system.monitor(path, watcher)

    def stop(self, path: str, reason: str = "stopped") -> None:
        """Ask an actor to end."""
        self.turn.sent.append((path, f"stop: {reason}"))
        self._system.stop(path, reason)

    def abandon(self, path: str) -> None:
        """End an actor at once."""
        self.turn.sent.append((path, "abandon"))
        self._system.abandon(path)

    def retire(self, path: str, *, subtree: bool = False) -> None:
        """Cut an incarnation off."""
        self.turn.sent.append((path, "retire"))
        self._system.retire(path, subtree=subtree)

    def quarantine(self, path: str, seconds: float) -> None:
        """Have an actor rest."""
        self.turn.sent.append((path, "quarantine"))
        self._system.quarantine(path, seconds)
