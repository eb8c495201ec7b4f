"""Puts turns into a file; two files take turns where only the last hours are to be kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from fleet.protocol.errors import SetupError
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.lanes import Held as LanesHeld
from fleet.runtime.recording_codec import Stamper, stamp
from fleet.runtime.recording_frames import (
    KEPT,
    LENGTH,
    Anchor,
    Foreign,
    Frame,
    Header,
    Life,
    Name,
)
from fleet.runtime.recording_port import Loaded, OpenTurn
from fleet.runtime.recording_tree import TreeWriter

TOKEN: Final = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
"""What a token of the API looks like."""

TOKENS_BEGIN: Final = b"eyJ"
TOGETHER: Final = 16
"""Turns in a frame."""

TEXT: Final = 200
MISSING: Final = object()


def earlier(path: Path) -> Path:
    """Name the file with what came before the newest one."""
    return path.with_name(f"{path.name}.1")


def _plain(value: Any) -> Any:
    if isinstance(value, Loaded):
        return msgspec.msgpack.Ext(KEPT, value.data)
    raise TypeError(f"{type(value).__name__} is nothing that a context tells")


class RecordingFile:
    """For one thread at a time. What it has written, the system has: a kill loses nothing."""

    def __init__(
        self,
        path: Path,
        header: Header,
        *,
        is_outside: Callable[[str], bool],
        answered: dict[int, Any],
        secrets: Collection[bytes] = (),
        last: float | None = None,
    ) -> None:
        """Begin a file; one that is there is kept as `.before`. Raises SetupError.

        `answered` tells what recorded actors answered, by ask; `last` is in wall seconds.
        """
        self._path = path
        self._header = header
        self._is_outside = is_outside
        self._answered = answered
        self._secrets = tuple(secret for secret in secrets if secret)
        self._last = last
        self._began: float | None = None
        self._stamper = Stamper()
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
        self._lives: dict[int, Life] = {}
        self._told: set[int] = set()
        self._forget_names()
        self._out = bytearray()
        self.size = 0
        """Bytes written so far."""

        try:
            for old in (path, earlier(path)):
                if old.exists():
                    old.replace(old.with_name(f"{old.name}.before"))
            self._open()
        except OSError as failure:
            raise SetupError(f"{path} cannot be written: {failure.strerror}.") from failure

    def _open(self) -> None:
        self._file = self._path.open("wb", buffering=0)
        self._path.chmod(0o600)
        self._frame(self._header)
        self._flush()

    def _forget_names(self) -> None:
        self._names: dict[str, int] = {}
        self._routes: dict[tuple[str, type], tuple[int, bool]] = {}
        """By where to and which type: the name of both, and whether it is outside."""

        self._writer = TreeWriter(self._kind)

    def add_life(self, life: Life) -> None:
        """Take note of an incarnation, before its first turn. Any thread."""
        self._lives[life.life] = life

    def write(self, turns: Iterable[OpenTurn], still: Sequence[OpenTurn], anchor: Anchor) -> None:
        """Write turns that have ended, and show those that last. Raises OSError."""
        self._rotate(anchor.steady)
        self._frame(anchor)
        self._turns(list(turns))
        self._turns(still, end="open")
        self._flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self, now: float) -> None:
        if self._began is None:
            self._began = now
        if self._last is None or now - self._began < self._last:
            return
        self._file.close()
        self._path.replace(earlier(self._path))
        self._began = now
        self._told.clear()
        self._forget_names()
        self._header = msgspec.structs.replace(self._header, part=self._header.part + 1)
        self._open()

    def _flush(self) -> None:
        # Whatever a message holds: the same length, so that frames stay whole.
        data = bytes(self._out)
        if TOKENS_BEGIN in data:
            data = TOKEN.sub(lambda found: b"*" * len(found[0]), data)
        for secret in self._secrets:
            data = data.replace(secret, b"*" * len(secret))
        self._out = bytearray()
        self.size += len(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]

    def _frame(self, frame: Frame | list[Any]) -> None:
        body = self._encoder.encode(frame)
        self._out += LENGTH.pack(len(body))
        self._out += body

    # -- turns

    def _turns(self, turns: Sequence[OpenTurn], end: str = "") -> None:
        """Write turns down, a few to a frame: what is cut off then is not much."""
        for begin in range(0, len(turns), TOGETHER):
            # What they name goes before them.
            rows = [self._row(turn, end or turn.end) for turn in turns[begin : begin + TOGETHER]]
            self._frame(["turns", rows])

    def _row(self, turn: OpenTurn, end: str) -> tuple[Any, ...]:
        """Make what is read as a Turn; plain values, since one is made for each message."""
        if turn.life not in self._told:
            self._told.add(turn.life)
            self._frame(self._lives[turn.life])
        envelope, stamper, routes = turn.envelope, self._stamper, self._routes
        sent: list[int] = []
        for to, message in turn.sent:
            kind = type(message)
            name, outside = routes.get((to, kind)) or self._route(to, kind)
            sent.append(name)
            if outside:
                sent.append(stamp(message, strong=True))
            else:
                sent.append(0 if kind in stamper.large else stamper.stamp(message))
        if envelope is None:
            usual = turn.place, turn.life, 0, self._name("Starting"), turn.at, turn.values, sent
            return *usual, end, 0, self._held(turn), None, 1, turn.detail, turn.fenced
        message = envelope.message
        name = (routes.get(("", type(message))) or self._route("", type(message)))[0]
        usual = turn.place, turn.life, envelope.id, name, turn.at, turn.values, sent
        foreign = self._foreign(envelope) if envelope.timer is None or self._header.full else None
        answers = message.to if type(message) is Answer else 0
        held = turn.held and self._held(turn)
        if foreign is None and end == "done" and not (answers or held) and envelope.attempt == 1:
            return usual
        attempt, detail, fenced = envelope.attempt, turn.detail, turn.fenced
        return *usual, end, answers, held, foreign, attempt, detail, fenced

    def _held(self, turn: OpenTurn) -> list[tuple[Any, ...]]:
        return [(held.id, game, self._foreign(held)) for held, game in turn.held]

    def _route(self, to: str, kind: type) -> tuple[int, bool]:
        """Tell the name of where to and of which type, and whether that is outside."""
        name = self._name(f"{to} {kind.__name__}".strip())
        route = self._routes[to, kind] = name, bool(to) and self._is_outside(to)
        return route

    def _kind(self, kind: type) -> int:
        return self._name(f"{kind.__module__} {kind.__qualname__}")

    def _name(self, text: str) -> int:
        number = self._names.get(text)
        if number is None:
            number = self._names[text] = len(self._names) + 1
            self._frame(Name(number, text))
        return number

    def _foreign(self, envelope: Envelope) -> Foreign | None:
        """Keep a message that no recorded actor has sent."""
        if not (self._header.full or self._is_foreign(envelope)):
            return None
        message = envelope.message
        if isinstance(message, Answer):
            message = message.value
        kept = self._writer.write(message)
        sender = envelope.sender
        return Foreign(
            kept,
            "" if kept is not None else _text(message),
            sender.path if sender is not None else None,
            envelope.sender_incarnation,
            envelope.expires,
            "thread" if envelope.future else "actor" if envelope.wants_answer else "",
            envelope.sent,
        )

    def _is_foreign(self, envelope: Envelope) -> bool:
        message, sender = envelope.message, envelope.sender
        if type(message) is Answer:
            return self._answered.pop(message.to, MISSING) is not message.value
        if sender is None:
            # What tells of the lanes comes out of them.
            return envelope.timer is None and type(message) is not LanesHeld
        return self._is_outside(sender.path)


def _text(message: Any) -> str:
    try:
        return repr(message)[:TEXT]
    # A message of somebody's own actor.
    except Exception:
        return type(message).__name__
