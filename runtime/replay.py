"""Plays a recorded run again, on the virtual dispatcher and in the recorded order."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from fleet.protocol.clock import GameTime
from fleet.runtime.actor import Hang, Props
from fleet.runtime.cell import Cell
from fleet.runtime.chaos import Fault
from fleet.runtime.clocks import VirtualClock
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.events import NullEvents
from fleet.runtime.future import Future
from fleet.runtime.lanes import Held as LanesHeld
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.recording_codec import AddressBook
from fleet.runtime.recording_frames import Foreign, Held
from fleet.runtime.recording_incarnation import STRUCK
from fleet.runtime.recording_tree import TreeReader
from fleet.runtime.replay_comparison import Divergence, compare, said_by
from fleet.runtime.replay_life import Ending, ReplayedLife
from fleet.runtime.replay_port import Astray, Letters, ReplayPort, Spawned
from fleet.runtime.replay_turns import RecordedTurn, RecordedTurns
from fleet.runtime.system import ActorSystem
from fleet.runtime.virtual_dispatcher import VirtualDispatcher

T = TypeVar("T")

PATIENCE: Final = 2.0
"""Wall seconds that a message may take of which the recording does not tell that it ended."""

REMEMBERED: Final = 50_000
"""Messages taken that may be handled again: stashed ones, and those that a crash gave back."""

HELD: Final = LanesHeld.__name__
FOR_EVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn that was replayed."""

    recorded: RecordedTurn
    message: Any
    sent: tuple[tuple[str, Any], ...]
    ending: Ending


@dataclass(slots=True)
class Replayed:
    """What became of a replay."""

    turns: int = 0
    shown: int = 0
    """Turns of incarnations that began before the recording: they are not played."""

    recorded: str = ""
    """Digest of what the recorded actors took and sent."""

    digest: str = ""
    """The same of the replayed ones."""

    began: float = 0.0
    """Game time of the first turn."""

    ended: float = 0.0
    stopped: str = ""
    """Why it stopped before the end of the recording."""

    cut_off: bool = False
    """The file ends before the recording did: what came last may be missing."""

    hung: list[tuple[RecordedTurn, str]] = field(default_factory=list)
    """What hung, and the stack of what hung on threads of the replay, too."""


class Replay:
    """One replay. Actors run in the caller's thread; nothing reaches any network or database."""

    def __init__(
        self,
        turns: RecordedTurns,
        *,
        is_outside: Callable[[str], bool],
        adapt: Callable[[str, Props], Props] = lambda _path, props: props,
        watch: Callable[[Seen], None] | None = None,
        until: Callable[[RecordedTurn], str] = lambda _: "",
        patience: float = PATIENCE,
        modules: tuple[str, ...],
    ) -> None:
        """`until` tells, for the turn that is next, why to stop before it; "" to go on.

        `modules` are those that messages may come from: no recording makes anything else.
        """
        self._turns: Iterator[RecordedTurn] = iter(turns)
        self._recording = turns
        self._is_outside = is_outside
        self._adapt = adapt
        self._watch = watch
        self._until = until
        self._patience = patience
        self._clock = VirtualClock(0.0)
        self._dispatcher = VirtualDispatcher(self._clock)
        self.system = ActorSystem(
            dispatcher=self._dispatcher,
            clock=self._clock,
            events=NullEvents(),
            seed=turns.header.seed,
        )
        self._dispatcher.bind(self.system)
        self._book = AddressBook(self.system.address, modules)
        self._reader = TreeReader(self._book)
        self._letters = Letters()
        self._taken: deque[int] = deque()
        self._spawned: dict[str, Spawned] = {}
        self._cells: dict[str, tuple[Spawned, Cell]] = {}
        self._lives: dict[int, ReplayedLife] = {}
        self._playing: ReplayPort | None = None
        self._hashes = hashlib.sha256(), hashlib.sha256()
        self._result = Replayed()
        self._moment = GameTime(0.0)
        self._done = False

    def root(self, path: str, props: Props) -> None:
        """Tell what was spawned at a path from outside."""
        self._spawned[path] = Spawned(self._adapt(path, props))

    def loads(self, load: Callable[[], T]) -> Callable[[], T]:
        """Stand in for what actors read from outside at their start."""

        def call() -> T:
            if self._playing is None:
                return load()
            value: T = self._playing.loaded()
            return value

        return call

    def run(self) -> Replayed:
        """Play until the end, or until told to stop. Raises Divergence, Unreadable."""
        self._schedule()
        self._dispatcher.run_while(lambda: not self._done, limit=FOR_EVER * 10)
        result = self._result
        result.recorded, result.digest = (each.hexdigest() for each in self._hashes)
        return result

    def _schedule(self) -> None:
        """Have the next turn played when its time has come."""
        recorded = next(self._turns, None)
        if recorded is None:
            self._result.cut_off = not self._recording.closed
            self._finish("")
            return
        if not self._result.turns:
            self._result.began = recorded.game
        if why := self._until(recorded):
            self._finish(why)
            return
        self._dispatcher.at(GameTime(recorded.game), partial(self._play_next, recorded))

    def _finish(self, why: str) -> None:
        self._result.stopped = why
        self._done = True

    def _play_next(self, recorded: RecordedTurn) -> None:
        self._result.ended = recorded.game
        life = self._life(recorded)
        if life is None:
            self._result.shown += 1
        elif not self._play(recorded, life):
            return
        self._schedule()

    # -- lives

    def _life(self, recorded: RecordedTurn) -> ReplayedLife | None:
        """Find the incarnation; None for one that began before the recording."""
        number = recorded.turn.life
        if recorded.turn.id or recorded.kind != "Starting":
            return self._lives.get(number)
        path = recorded.life.path
        spawned = self._spawned.get(path)
        if spawned is None:
            if self._recording.header.full:
                return None
            raise Divergence(recorded, "was started by nobody")
        cell = self._cell(path, spawned)
        port = ReplayPort(self.system, cell, self._letters, self._spawned, self._adapt, self._book)
        life = ReplayedLife(port, cell, recorded.life.number, recorded.life.reason)
        self._lives[number] = life
        return life

    def _cell(self, path: str, spawned: Spawned) -> Cell:
        """Give the address its inside; one that was spawned anew has a new one."""
        known = self._cells.get(path)
        if known is not None and known[0] is spawned:
            return known[1]
        mailbox = spawned.props.mailbox()
        if hasattr(mailbox, "now"):
            mailbox.now = lambda: self._moment
        cell = Cell(self.system.address(path), spawned.props, mailbox, "")
        self._cells[path] = spawned, cell
        return cell

    # -- messages

    def _play(self, recorded: RecordedTurn, life: ReplayedLife) -> bool:
        """Play a turn; False when the recording goes no further."""
        turn = recorded.turn
        if not self._let_in(recorded, life):
            return False
        envelope = self._envelope(recorded, life) if turn.id else None
        # What was of no account, such as a timer of the life before, need not be found.
        if turn.id and envelope is None and turn.end != "skipped":
            return self._missing(recorded)
        if turn.end == "skipped" or turn.detail == STRUCK:
            ending = Ending(turn.end, turn.detail)
            life.port.begin([], -1, at=turn.at, is_open=False)
        else:
            ending = self._handle(recorded, life, envelope)
        self._compare(recorded, life, envelope, ending)
        return True

    def _handle(
        self, recorded: RecordedTurn, life: ReplayedLife, envelope: Envelope | None
    ) -> Ending:
        turn, port = recorded.turn, life.port
        unended = turn.end in {"open", "fenced"}
        port.begin(turn.values, turn.fenced, at=turn.at, is_open=turn.end == "open")
        self._playing = port

        def act() -> Hang | None:
            return life.start() if envelope is None else life.handle(envelope, self._clock)

        try:
            return life.run_aside(act, self._patience) if unended else life.run(act)
        except Astray as astray:
            raise Divergence(recorded, str(astray)) from astray
        finally:
            self._playing = None

    def _let_in(self, recorded: RecordedTurn, life: ReplayedLife) -> bool:
        """Put into the lanes what came before the turn."""
        mailbox = life.cell.mailbox
        for held in recorded.turn.held:
            envelope = self._held(held, recorded.names)
            if envelope is None:
                return self._missing(recorded)
            self._moment = GameTime(held.game)
            mailbox.put(envelope)
            self._remember(envelope)
        # What is delivered comes out of the recording.
        if isinstance(mailbox, LaneMailbox):
            while mailbox.pop() is not None:
                pass
        return True

    def _held(self, held: Held, names: Mapping[int, str]) -> Envelope | None:
        found = self._letters.envelopes.get(held.id)
        if found is not None:
            return found
        return self._foreign(held.id, held.foreign, names)

    def _envelope(self, recorded: RecordedTurn, life: ReplayedLife) -> Envelope | None:
        """Find what the turn took in hand; None when nobody has sent it."""
        turn = recorded.turn
        if recorded.kind == HELD:
            # It bears the id of what it announces.
            return Envelope(LanesHeld(), turn.id)
        ring = life.port.pending.pop(turn.id, None)
        if ring is not None:
            ring()
        found = self._letters.envelopes.get(turn.id)
        if found is None:
            found = self._answer(recorded) if turn.answers else self._from_outside(recorded)
        if found is None:
            return None
        self._remember(found)
        if found.attempt != turn.attempt:
            return msgspec.structs.replace(found, attempt=turn.attempt, timer=None)
        return found

    def _remember(self, envelope: Envelope) -> None:
        envelopes, taken = self._letters.envelopes, self._taken
        envelopes[envelope.id] = envelope
        taken.append(envelope.id)
        if len(taken) > REMEMBERED:
            envelopes.pop(taken.popleft(), None)

    def _answer(self, recorded: RecordedTurn) -> Envelope | None:
        turn = recorded.turn
        if turn.foreign is not None and turn.foreign.message is not None:
            value = self._reader.read(turn.foreign.message, recorded.names)
        elif turn.answers in self._letters.answers:
            value = self._letters.answers.pop(turn.answers)
        else:
            return None
        return Envelope(Answer(turn.answers, value), turn.id, own=True)

    def _from_outside(self, recorded: RecordedTurn) -> Envelope | None:
        return self._foreign(recorded.turn.id, recorded.turn.foreign, recorded.names)

    def _foreign(
        self, number: int, foreign: Foreign | None, names: Mapping[int, str]
    ) -> Envelope | None:
        if foreign is None or foreign.message is None:
            return None
        address = self.system.address
        return Envelope(
            self._reader.read(foreign.message, names),
            number,
            sender=address(foreign.sender) if foreign.sender is not None else None,
            sender_incarnation=foreign.sender_incarnation,
            expires=None if foreign.expires is None else GameTime(foreign.expires),
            sent=foreign.sent,
            future=Future() if foreign.asked == "thread" else None,
            wants_answer=foreign.asked == "actor",
        )

    def _missing(self, recorded: RecordedTurn) -> bool:
        """Stop where the recording was cut off; anywhere else somebody has not sent something."""
        turn, foreign = recorded.turn, recorded.turn.foreign
        if foreign is not None and foreign.message is None:
            self._finish(f"#{turn.id} could not be recorded: {foreign.text}")
        elif self._recording.lost:
            self._finish("the recording was cut off here")
        else:
            raise Divergence(recorded, "took a message that nobody has sent")
        return False

    def _compare(
        self, recorded: RecordedTurn, life: ReplayedLife, envelope: Envelope | None, ending: Ending
    ) -> None:
        turn, port = recorded.turn, life.port
        sent = tuple(port.sent)
        message = envelope.message if envelope is not None else None
        said = said_by(recorded, sent, self._is_outside)
        compare(recorded, said, ending, left=port.left, of_fault=isinstance(message, Fault))
        if ending.end == "hung":
            self._result.hung.append((recorded, ending.stack))
        self._result.turns += 1
        # Of what had not ended nobody knows what else it would have sent.
        if turn.end != "open":
            for each, words in zip(self._hashes, (recorded.sent, said), strict=True):
                line = f"{recorded.life.path} {recorded.life.number} {turn.id} {words}\n"
                each.update(line.encode())
        if self._watch is not None:
            self._watch(Seen(recorded, message, sent, ending))
