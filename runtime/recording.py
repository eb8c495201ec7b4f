"""Keeps a run, so that it can be played again: what each incarnation took, was told and sent."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fleet.runtime.actor import Props
from fleet.runtime.cell import Cell
from fleet.runtime.envelope import Envelope
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.mailbox import REJECTED, Bell, Mailbox
from fleet.runtime.manners import give_way
from fleet.runtime.recording_codec import Packer
from fleet.runtime.recording_file import RecordingFile
from fleet.runtime.recording_frames import VERSION, Anchor, Header, Life
from fleet.runtime.recording_gate import LaneGate
from fleet.runtime.recording_incarnation import RecordedIncarnation
from fleet.runtime.recording_port import Loaded, OpenTurn, RecordingPort
from fleet.runtime.recording_rows import Rows
from fleet.runtime.traces import line_of

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem

T = TypeVar("T")

PERIOD: Final = 0.25
"""Wall seconds between two writes."""

MOST: Final = 50_000
"""Turns that wait to be written; with more the recording ends rather than the memory."""

TOGETHER: Final = 16
"""Turns that are written down at once: that code, too, is cold after each change of threads."""

MOST_ANSWERED: Final = 10_000
IN_TURN: Final = 1_000
"""Turns after which they are written where no thread does so."""


class Recorder:
    """Installs itself in a system in which nothing has been spawned yet."""

    def __init__(
        self,
        system: ActorSystem,
        path: Path,
        *,
        sheet: bytes,
        is_outside: Callable[[str], bool],
        secrets: Collection[bytes] = (),
        last: float | None = None,
        threaded: bool = True,
    ) -> None:
        """Begin. Raises SetupError for a file that cannot be written.

        Actors that are `is_outside` run as ever, and only what they say is kept; `last` is how
        many wall seconds are kept at least, None for all; without a thread, as in virtual time,
        turns are written now and then by whoever ends one.
        """
        self._system = system
        self._is_outside = _remembered(is_outside)
        self.answered: dict[int, Any] = {}
        full = last is not None
        self._rows = Rows(full=full, is_outside=self._is_outside, answered=self.answered)
        self._file = RecordingFile(
            path,
            Header(VERSION, system.seed, sheet, full),
            known=self._rows.known,
            secrets=secrets,
            last=last,
        )
        self.next_place = itertools.count(1).__next__
        self._numbers = itertools.count(1)
        self._living: dict[str, RecordedIncarnation] = {}
        self._left: list[RecordedIncarnation] = []
        """Lives that were replaced with a message in hand."""

        self._ended: deque[OpenTurn] = deque()
        self._written: deque[bytes] = deque()
        """Turns, written down but not yet in the file."""

        self._seen: dict[OpenTurn, int] = {}
        """What was in hand at the last writes, and at how many of them."""

        self._loading = threading.local()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._closed = False
        self.failure = ""
        """Why nothing is kept any more, in a sentence."""

        self._threaded = threaded
        self._install()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        if threaded:
            self._thread.start()

    def _install(self) -> None:
        adapt = self._system.adapt
        self._system.adapt = lambda path, props: self._gated(path, adapt(path, props))
        self._system.lives = self._bring_up

    def _bring_up(
        self, system: ActorSystem, cell: Cell, number: int, bell: Bell, reason: str | None
    ) -> Incarnation:
        path = cell.address.path
        if self._is_outside(path) or self.failure:
            return Incarnation(system, cell, number, bell, reason)
        life = RecordedIncarnation(self, system, cell, number, bell, reason)
        before = self._living.get(path)
        if before is not None and before.turn is not None:
            # It hangs, or was cut off: its last turn may never end.
            self._left.append(before)
        self._living[path] = life
        return life

    def _gated(self, path: str, props: Props) -> Props:
        if self._is_outside(path):
            return props

        def mailbox() -> Mailbox:
            made = props.mailbox()
            if not isinstance(made, LaneMailbox):
                return made
            return LaneGate(made, self._system.clock.game, partial(self._refuse, path))

        return replace(props, mailbox=mailbox)

    def _refuse(self, path: str, envelope: Envelope) -> None:
        cell = self._system.cell(path)
        if cell is not None:
            self._system._overflow(cell, envelope, REJECTED)

    # -- what incarnations tell

    def begin(self, path: str, number: int, reason: str | None) -> int:
        """Name a new incarnation."""
        life = next(self._numbers)
        self._rows.add_life(Life(life, path, number, reason))
        return life

    def load_into(self, port: RecordingPort | None) -> None:
        """Keep what is loaded in this thread from now on among what the port tells."""
        self._loading.port = port

    def loads(self, load: Callable[[], T]) -> Callable[[], T]:
        """Have what an actor loads at its start kept."""

        def call() -> T:
            value = load()
            port: RecordingPort | None = getattr(self._loading, "port", None)
            if port is not None:
                port.turn.values.append(Loaded(Packer().pack(value) or b""))
            return value

        return call

    def put(self, turn: OpenTurn) -> None:
        """Take a turn that has ended, in its actor's thread."""
        ended = self._ended
        ended.append(turn)
        if len(ended) >= TOGETHER:
            self._write_down()
            if not self._threaded and len(self._written) >= IN_TURN:
                self.flush()

    # -- writing

    def _write_down(self) -> None:
        """Make rows of what has ended; several threads may do so at once."""
        ended, written, row = self._ended, self._written, self._rows.row
        try:
            # Counted before: others add to it, and whoever began would write for ever.
            for _ in range(len(ended)):
                turn = ended.popleft()
                if not self.failure:
                    written.append(row(turn, turn.end))
        except IndexError:
            # Another thread has taken the rest.
            return
        # Anything may be in what somebody's own actor says; its turn has ended all the same.
        except Exception as failure:
            self._give_up(f"a turn cannot be written down: {line_of(failure)}")

    def _run(self) -> None:
        give_way()
        while not self._closing.wait(PERIOD):
            try:
                self.flush()
            # Without a word the file would end, and what waits for it grow.
            except Exception as failure:
                self._give_up(f"a fault of the recording itself: {line_of(failure)}")

    def flush(self) -> None:
        """Write what has ended, and show what lasts longer than since the last time."""
        with self._writing:
            self._write_down()
            rows = [self._written.popleft() for _ in range(len(self._written))]
            if len(rows) > MOST and self._threaded:
                self._give_up("turns come faster than they can be written")
            if self.failure or self._closed:
                # Lives that began before go on telling theirs.
                self.answered.clear()
                return
            open_now = self._in_hand()
            # What lasts is shown once, in case that it never ends: so a kill leaves a trace of it.
            rows += self._rows_of(turn for turn in open_now if self._seen.get(turn) == 1)
            self._seen = {turn: self._seen.get(turn, 0) + 1 for turn in open_now}
            # After the rows: by now everything is here that any of them refers to.
            named = self._rows.frames
            frames = [named.popleft() for _ in range(len(named))]
            clock = self._system.clock
            try:
                self._file.write(Anchor(clock.monotonic(), clock.game()), frames, rows)
            except OSError as failure:
                self._give_up(f"the file cannot be written: {failure.strerror}")
            self._forget_answers()

    def _forget_answers(self) -> None:
        surplus = len(self.answered) - MOST_ANSWERED
        if surplus > 0:
            # Others add to it meanwhile: only a list of it is made in one step.
            for ask in list(self.answered)[:surplus]:
                self.answered.pop(ask, None)

    def _rows_of(self, lasting: Iterable[OpenTurn]) -> list[bytes]:
        try:
            return [self._rows.row(turn, "open") for turn in lasting]
        except Exception as failure:
            self._give_up(f"a turn cannot be written down: {line_of(failure)}")
            return []

    def _in_hand(self) -> list[OpenTurn]:
        """List the turns that have not ended."""
        self._left = [life for life in self._left if life.turn is not None]
        lives = [*self._living.values(), *self._left]
        return [turn for life in lives if (turn := life.turn) is not None]

    def _give_up(self, why: str) -> None:
        if not self.failure:
            self.failure = why
            text = f"Nothing is recorded any more: {why}."
            self._system.events.emit("recording.failed", level="error", text=text, reason=why)

    def close(self) -> None:
        """Write what is left; what is in hand now stays open. The second time does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self._threaded:
            self._thread.join(2.0)
        self._seen = dict.fromkeys(self._in_hand(), 1)
        self.flush()
        with self._writing:
            self._closed = True
            self._file.close(whole=not self.failure)


def _remembered(ask: Callable[[str], bool]) -> Callable[[str], bool]:
    """Ask once for each path."""
    known: dict[str, bool] = {}

    def answer(path: str) -> bool:
        told = known.get(path)
        if told is None:
            told = known[path] = ask(path)
        return told

    return answer
