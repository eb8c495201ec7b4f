"""Reads a recording in the order in which its turns began."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.protocol.errors import SetupError, UsageError
from fleet.runtime.recording_file import earlier
from fleet.runtime.recording_frames import (
    VERSION,
    Anchor,
    Closed,
    Frame,
    Header,
    Life,
    Name,
    Turn,
    Turns,
    read_frames,
)


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """One message handled by one incarnation."""

    turn: Turn
    life: Life
    kind: str
    """Type of the message."""

    sent: tuple[tuple[str, int], ...]
    """Where to and of which type, and its stamp."""

    game: float
    """Game time at which it began."""

    names: Mapping[int, str]
    """Those of its file; messages from outside name their types by them."""


@dataclass(slots=True)
class _GameTime:
    """The line through the two newest anchors."""

    first: Anchor | None = None
    last: Anchor | None = None

    def add(self, anchor: Anchor) -> None:
        if self.last is None or anchor.steady > self.last.steady:
            self.first, self.last = self.last or anchor, anchor

    def at(self, steady: float) -> float:
        if self.last is None or self.first is None:
            return steady
        took = self.last.steady - self.first.steady
        speed = (self.last.game - self.first.game) / took if took else 1.0
        return self.last.game + (steady - self.last.steady) * speed


class RecordedTurns:
    """One recording; read it once."""

    def __init__(self, path: Path) -> None:
        """Look at the beginning. Raises UsageError or SetupError for what is no recording."""
        self._files = [path]
        self.header = self._header(path)
        if self.header.part > 1 and earlier(path).exists():
            before = self._header(earlier(path))
            if before.part == self.header.part - 1 and before.sheet == self.header.sheet:
                self._files.insert(0, earlier(path))
                self.header = before
        self.lost = 0
        """Turns that are not in it, since it was cut off before they were written."""

        self.closed = False
        """Whether its end was read, and it was not cut off there."""

        self._lives: dict[int, Life] = {}
        self._names: dict[int, str] = {}
        self._time = _GameTime()

    @staticmethod
    def _header(path: Path) -> Header:
        try:
            with path.open("rb") as file:
                first = next(read_frames(file), None)
        except OSError as failure:
            text = f"{path} cannot be read: {failure.strerror}; give a file of run --record."
            raise UsageError(text) from failure
        if not isinstance(first, Header):
            raise UsageError(f"{path} is no recording; give a file that run --record has written.")
        if first.version != VERSION:
            raise SetupError(
                f"{path} is a recording of version {first.version}, and this fleet reads "
                f"{VERSION}; replay it with the version that recorded it."
            )
        return first

    def __iter__(self) -> Iterator[RecordedTurn]:
        """Give every turn, in the order in which they began."""
        waiting: list[tuple[int, int, RecordedTurn]] = []
        found: dict[int, RecordedTurn] = {}
        following = 1 if self.header.part == 1 else None
        for recorded in self._read():
            place = recorded.turn.place
            if recorded.turn.end == "open":
                found.setdefault(place, recorded)
                continue
            found.pop(place, None)
            heapq.heappush(waiting, (place, len(waiting), recorded))
            while waiting and waiting[0][0] == following:
                following += 1
                yield heapq.heappop(waiting)[2]
        # Those that never ended, and whatever else came after them.
        for place, recorded in found.items():
            heapq.heappush(waiting, (place, -1, recorded))
        if waiting:
            first = following if following is not None else min(waiting)[0]
            last = max(waiting)[0]
            self.lost = last - first + 1 - len({place for place, _, _ in waiting})
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _read(self) -> Iterator[RecordedTurn]:
        for path in self._files:
            # Those of the file before are still needed: its turns may not have been taken yet.
            self._names = {}
            with path.open("rb") as file:
                for frame in read_frames(file):
                    if isinstance(frame, Turns):
                        yield from map(self._resolved, frame.turns)
                    else:
                        self._note(frame)

    def _note(self, frame: Frame) -> None:
        match frame:
            case Life():
                self._lives[frame.life] = frame
            case Name():
                self._names[frame.name] = frame.text
            case Anchor():
                self._time.add(frame)
            case Closed():
                self.closed = True
            case _:
                pass

    def _resolved(self, turn: Turn) -> RecordedTurn:
        names = self._names
        pairs = zip(turn.sent[::2], turn.sent[1::2], strict=True)
        return RecordedTurn(
            turn=turn,
            life=self._lives[turn.life],
            kind=names[turn.name],
            sent=tuple([(names[name], stamp) for name, stamp in pairs]),
            game=self._time.at(turn.at),
            names=names,
        )
