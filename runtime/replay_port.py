"""What a replayed context sees of the system: what the recording says that it told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fleet.protocol.clock import GameTime, Monotonic
from fleet.runtime.actor import Down, Props, Up
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell
from fleet.runtime.envelope import Envelope
from fleet.runtime.keyed_timers import KeyedTimers
from fleet.runtime.recording_codec import AddressBook, unpack
from fleet.runtime.recording_frames import Kept

if TYPE_CHECKING:
    from fleet.runtime.events import EventSink
    from fleet.runtime.system import ActorSystem


class Astray(BaseException):
    """The actor did something else than in the recording. No actor may catch it."""


class StillOpen(BaseException):
    """The recording ends in the middle of the message in hand. No actor may catch it."""


@dataclass(slots=True)
class Spawned:
    """What a replayed actor has started."""

    props: Props
    note: Any = None
    closed: bool = False


@dataclass(slots=True)
class Letters:
    """What replayed actors have sent and nobody has taken yet."""

    envelopes: dict[int, Envelope] = field(default_factory=dict)
    answers: dict[int, Any] = field(default_factory=dict)
    """By ask."""


class ReplayClock:
    """Tells the times of the recording."""

    __slots__ = ("_port",)

    def __init__(self, port: ReplayPort) -> None:
        self._port = port

    def game(self) -> GameTime:
        """Tell what game time was."""
        return GameTime(self._port.number())

    def monotonic(self) -> Monotonic:
        """Tell what steady time was."""
        return Monotonic(self._port.number())


class _Pending:
    """Keeps what a timer would have called."""

    __slots__ = ("_port",)

    def __init__(self, port: ReplayPort) -> None:
        self._port = port

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        self._port.pending[self._port.last_id] = call
        return _forget_nothing

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        return self.after(0.0, call)

    def woken(self, cell: Cell) -> None:
        pass


def _forget_nothing() -> None:
    """Leave a timer's call: its message may be queued already, and it tells itself what it is."""


class ReplayPort:
    """Stands before the system for one incarnation; everything comes out of its turns."""

    def __init__(
        self,
        system: ActorSystem,
        cell: Cell,
        letters: Letters,
        spawned: dict[str, Spawned],
        adapt: Callable[[str, Props], Props],
        book: AddressBook,
    ) -> None:
        self._cell = cell
        self._letters = letters
        self._spawned = spawned
        self._adapt = adapt
        self._book = book
        self.seed = system.seed
        self.events: EventSink = system.events
        self.address = system.address
        self.clock = ReplayClock(self)
        self.dispatcher = _Pending(self)
        self.timers = KeyedTimers(self)  # type: ignore[arg-type]
        self.pending: dict[int, Callable[[], None]] = {}
        """By envelope id, what sends a timer's message."""

        self.last_id = 0
        self.at = 0.0
        self.sent: list[tuple[str, Any]] = []
        self._values: list[Any] = []
        self._told = 0
        self._fenced = -1
        self._open = False

    # -- turns

    def begin(self, values: list[Any], fenced: int, *, at: float, is_open: bool) -> None:
        """Have these values told from now on; replaced after so many of them, if not negative.

        `at` is when the turn began, on the steady clock.
        """
        self.at = at
        self._values, self._told, self._fenced, self._open = values, 0, fenced, is_open
        self.sent = []
        self._fence()

    @property
    def left(self) -> int:
        """Count the values that nobody asked for."""
        return len(self._values) - self._told

    def _fence(self) -> None:
        if self._told == self._fenced:
            self._cell.number += 1

    def value(self) -> Any:
        """Tell the next value. Raises Astray or StillOpen when there is none."""
        if self._told >= len(self._values):
            if self._open:
                raise StillOpen
            raise Astray("asked its context for more than in the recording")
        value = self._values[self._told]
        self._told += 1
        self._fence()
        return value

    def number(self) -> float:
        """Tell the next value, a time. Raises Astray for anything else."""
        value = self.value()
        if type(value) is not float:
            raise Astray("asked for the time where the recording tells something else")
        return value

    def next_id(self) -> int:
        """Tell the next value, an id. Raises Astray for anything else."""
        value = self.value()
        if type(value) is not int:
            raise Astray("sent something where the recording tells of nothing sent")
        self.last_id = value
        return value

    def _told_so(self) -> bool:
        value = self.value()
        if type(value) is not bool:
            raise Astray("asked after another actor where the recording tells of nothing")
        return value

    def _listed(self) -> list[Any]:
        value = self.value()
        if type(value) is not list:
            raise Astray("asked after other actors where the recording tells of nothing")
        return value

    def granted(self) -> int | None:
        """Tell the credits granted, if the next value is that."""
        if self.left and type(self._values[self._told]) is list:
            return int(self._listed()[0])
        return None

    def loaded(self) -> Any:
        """Tell what the actor read from outside at its start."""
        value = self.value()
        if not isinstance(value, Kept):
            raise Astray("read something from outside that the recording does not hold")
        return unpack(value.data, self._book)

    # -- what is sent

    def post(self, path: str, envelope: Envelope) -> bool:
        """Keep an envelope until the recording tells that it was taken."""
        if envelope.timer is None:
            self.sent.append((path, envelope.message))
        self._letters.envelopes[envelope.id] = envelope
        return True

    def reply(self, envelope: Envelope, value: Any) -> None:
        """Keep an answer until it is taken."""
        asker = envelope.sender.path if envelope.sender is not None else ""
        self.sent.append((asker, value))
        if envelope.wants_answer:
            self._letters.answers[envelope.id] = value

    def answer(self, asker: Address[Any], ask_id: int, value: Any) -> None:
        """Do nothing: answers that come from no actor stand in the recording."""

    # -- other actors

    def cell(self, path: str) -> Spawned | None:
        """Look up what a replayed actor has noted about a child."""
        return self._spawned.get(path)

    def spawn(self, path: str, props: Props, *, note: Any = None, **how: Any) -> Address[Any]:
        """Take note of a child. Raises ValueError where the recorded actor was told so."""
        if not self._told_so():
            raise ValueError(f"{path} is taken")
        self._spawned[path] = Spawned(self._adapt(path, props), note)
        return self.address(path)

    def restart(self, path: str, reason: str | None) -> bool:
        """Say whether the child was down."""
        return self._told_so()

    def children(self, parent: str) -> dict[str, Props]:
        """List the children that there were."""
        return {path: self._spawned[path].props for path in self._listed()}

    def children_down(self, parent: str) -> list[str]:
        """Name the children that were down."""
        return self._listed()

    def has_ended(self, path: str) -> bool:
        """Say whether an address had closed."""
        return self._told_so()

    def is_current(self, down: Down | Up) -> bool:
        """Say whether a Down or Up counted."""
        return self._told_so()

    def monitor(self, path: str, watcher: str) -> None:
        """Take note that it was asked for."""
        self.sent.append((path, "monitor"))

    def stop(self, path: str, reason: str = "stopped") -> None:
        """Take note that it was asked for."""
        self.sent.append((path, f"stop: {reason}"))

    def abandon(self, path: str) -> None:
        """Take note that it was asked for."""
        self.sent.append((path, "abandon"))

    def retire(self, path: str, *, subtree: bool = False) -> None:
        """Take note that it was asked for."""
        self.sent.append((path, "retire"))

    def quarantine(self, path: str, seconds: float) -> None:
        """Take note that it was asked for."""
        self.sent.append((path, "quarantine"))
