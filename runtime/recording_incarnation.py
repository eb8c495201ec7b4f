"""An incarnation of which everything is kept that it takes, is told and sends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from fleet.protocol.clock import GameTime
from fleet.runtime.actor import Hang
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell
from fleet.runtime.context import Context, Fenced
from fleet.runtime.envelope import Envelope
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import Bell
from fleet.runtime.recording_gate import LaneGate
from fleet.runtime.recording_port import OpenTurn, RecordingPort

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem

STRUCK = "struck down"
"""Detail of a turn whose message was never handled: an adversary of virtual time came first."""


class Keeper(Protocol):
    """Takes what incarnations did."""

    answered: dict[int, Any]

    def begin(self, path: str, number: int, reason: str | None) -> int:
        """Name a new incarnation."""
        ...

    def next_place(self) -> int:
        """Count the turns as they begin."""
        ...

    def load_into(self, port: RecordingPort | None) -> None:
        """Keep what is loaded in this thread from now on among what the port tells."""
        ...

    def put(self, turn: OpenTurn) -> None:
        """Take a turn that has ended."""
        ...


class RecordingContext(Context[Any]):
    """A context whose port keeps what it tells."""

    __slots__ = ("_clock", "_game", "_next_id", "_port")

    def __init__(self, system: ActorSystem, port: RecordingPort, cell: Cell, number: int) -> None:
        super().__init__(cast("ActorSystem", port), cell, number)
        self._port = port
        self._clock = system.clock
        self._game, self._next_id = system.clock.game, system.next_id

    def _fenced(self) -> NoReturn:
        turn = self._port.turn
        if turn.fenced < 0:
            turn.fenced = len(turn.values)
        super()._fenced()

    @property
    def lanes(self) -> LaneMailbox:
        """The actor's own lanes, behind their gate."""
        self._check()
        gate = self._cell.mailbox
        if not isinstance(gate, LaneGate):
            raise TypeError(f"{self._cell.address.path} has no lanes")
        return gate.inner

    def now(self) -> GameTime:
        """Tell game time, and keep it."""
        now = self._game()
        self._port.turn.values.append(now)
        return now

    def tell(self, to: Address[Any], message: Any, *, expires: GameTime | None = None) -> int:
        """Send a message; tell its envelope's id. Raises Fenced."""
        cell, port = self._cell, self._port
        if cell.number != self.incarnation:
            self._fenced()
        turn, number, path = port.turn, self._next_id(), to.path
        turn.values.append(number)
        turn.sent.append((path, message))
        sender, cause = cell.address, self.envelope.id
        # It bears the time of its turn: its own would be one more value to keep.
        sent = Envelope(message, number, sender, self.incarnation, expires, 1, cause, turn.at)
        port.send(path, sent)
        return number

    def _moment(self) -> float:
        return self._port.turn.at

    def _steady(self) -> float:
        # Not kept: whether an ask came too late stands in the turn that took it.
        return self._clock.monotonic()

    def credit(self, to: Address[Any], most: int, *, on_credit: Callable[[int], Any]) -> int:
        """Ask for credits, and keep how many there were."""
        granted = super().credit(to, most, on_credit=on_credit)
        self._port.turn.values.append([granted])
        return granted

    def rang(self, envelope: Envelope) -> bool:
        """Say whether a timer's message still counts."""
        counts = super().rang(envelope)
        if not counts:
            self._port.turn.end = "skipped"
        return counts

    def unwrap(self, ask_id: int, value: Any) -> Any:
        """Turn an answer into the message the asker wanted."""
        message = super().unwrap(ask_id, value)
        if message is None:
            self._port.turn.end = "skipped"
        return message


class RecordedIncarnation(Incarnation):
    """Hands each turn to the keeper when it has ended."""

    __slots__ = ("_gate", "_keeper", "_life", "_port", "turn")

    def __init__(
        self,
        keeper: Keeper,
        system: ActorSystem,
        cell: Cell,
        number: int,
        bell: Bell,
        reason: str | None,
    ) -> None:
        super().__init__(system, cell, number, bell, reason)
        self._keeper = keeper
        self._life = keeper.begin(cell.address.path, number, reason)
        self._port = RecordingPort(system, keeper.answered)
        self.context = RecordingContext(system, self._port, cell, number)
        self._gate = cell.mailbox if isinstance(cell.mailbox, LaneGate) else None
        self.turn: OpenTurn | None = None
        """What is in hand, for whoever writes down what does not end."""

    def start(self) -> bool:
        """Make the actor and run its first hook; say whether it lives."""
        turn = self._open_turn(None, self._system.clock.monotonic())
        self._keeper.load_into(self._port)
        try:
            return super().start()
        finally:
            self._keeper.load_into(None)
            self._close_turn(turn)

    def _start(self) -> Hang | None:
        if self._gate is not None:
            self._gate.inner.restore()
        return super()._start()

    def crash(self, envelope: Envelope) -> bool:
        """Die of the message in hand before it is handled; for virtual time."""
        turn = self._open_turn(envelope, 0.0)
        try:
            return super().crash(envelope)
        finally:
            turn.detail = STRUCK
            self._close_turn(turn)

    def _act(self, envelope: Envelope) -> bool:
        turn = self._open_turn(envelope, self.cell.hand.since)
        try:
            return Incarnation._act(self, envelope)
        finally:
            may_be_late = envelope.expires is not None or envelope.deadline < math.inf
            if may_be_late and turn.end == "open" and self.cell.hand.gone:
                turn.end = "skipped"
            self._close_turn(turn)

    def _open_turn(self, envelope: Envelope | None, at: float) -> OpenTurn:
        # Lanes first: what came into them was sent by turns that had begun before.
        held = self._gate.begin(self.number) if self._gate is not None else None
        turn = OpenTurn(self._keeper.next_place(), self._life, envelope, at)
        if held:
            turn.held = held
        self.turn = self._port.turn = turn
        return turn

    def _close_turn(self, turn: OpenTurn) -> None:
        if turn.end == "open":
            turn.end = "done" if self.hang is None else "hung"
        self.turn = None
        if self._gate is not None:
            self._gate.end(self.number)
        self._keeper.put(turn)

    def _failed(self, failure: BaseException) -> bool:
        turn = self._port.turn
        turn.end = "fenced" if isinstance(failure, Fenced) and not self.live else "crashed"
        turn.detail = type(failure).__name__
        return super()._failed(failure)
