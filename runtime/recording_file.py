"""Puts turns into a file; two files take turns where only the last hours are to be kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from fleet.protocol.errors import SetupError
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.recording_codec import Packer, Stamper
from fleet.runtime.recording_frames import (
    KEPT,
    LENGTH,
    Anchor,
    End,
    Foreign,
    Frame,
    Header,
    Held,
    Life,
    Name,
    Sent,
    Turn,
)
from fleet.runtime.recording_port import Loaded, OpenTurn

TOKEN: Final = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
"""What a token of the API looks like."""

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
        self._packer, self._stamper = Packer(), Stamper()
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
        self._lives: dict[int, Life] = {}
        self._told: set[int] = set()
        self._names: dict[tuple[str, str], int] = {}
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

    def add_life(self, life: Life) -> None:
        """Take note of an incarnation, before its first turn. Any thread."""
        self._lives[life.life] = life

    def write(self, turns: Iterable[OpenTurn], still: Sequence[OpenTurn], anchor: Anchor) -> None:
        """Write turns that have ended, and show those that last. Raises OSError."""
        self._rotate(anchor.steady)
        self._frame(anchor)
        for turn in turns:
            self._turn(turn, cast(End, turn.end))
        for turn in still:
            self._turn(turn, "open")
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
        self._names.clear()
        self._header = msgspec.structs.replace(self._header, part=self._header.part + 1)
        self._open()

    def _flush(self) -> None:
        # Whatever a message holds: the same length, so that frames stay whole.
        data: bytes = TOKEN.sub(lambda found: b"*" * len(found[0]), self._out)
        for secret in self._secrets:
            data = data.replace(secret, b"*" * len(secret))
        self._out = bytearray()
        self.size += len(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]

    def _frame(self, frame: Frame) -> None:
        body = self._encoder.encode(frame)
        self._out += LENGTH.pack(len(body))
        self._out += body

    # -- turns

    def _turn(self, turn: OpenTurn, end: End) -> None:
        if turn.life not in self._told:
            self._told.add(turn.life)
            self._frame(self._lives[turn.life])
        envelope = turn.envelope
        answers = 0
        foreign = None
        number, attempt, kind = 0, 1, "Starting"
        if envelope is not None:
            message = envelope.message
            number, attempt, kind = envelope.id, envelope.attempt, type(message).__name__
            if isinstance(message, Answer):
                answers = message.to
            foreign = self._foreign(envelope)
        self._frame(
            Turn(
                turn.place,
                turn.life,
                number,
                attempt,
                answers,
                self._name("", kind),
                turn.at,
                foreign,
                turn.values,
                [self._sent(to, message) for to, message in turn.sent],
                [Held(held.id, game, self._foreign(held)) for held, game in turn.held],
                end,
                turn.detail,
                turn.fenced,
            )
        )

    def _sent(self, to: str, message: Any) -> Sent:
        name = self._name(to, type(message).__name__)
        return Sent(name, self._stamper.stamp(message, outside=self._is_outside(to)))

    def _name(self, to: str, kind: str) -> int:
        number = self._names.get((to, kind))
        if number is None:
            number = self._names[to, kind] = len(self._names) + 1
            self._frame(Name(number, f"{to} {kind}".strip()))
        return number

    def _foreign(self, envelope: Envelope) -> Foreign | None:
        """Keep a message that no recorded actor has sent."""
        if not self._header.full and not self._is_foreign(envelope):
            return None
        message = envelope.message
        if isinstance(message, Answer):
            message = message.value
        kept = self._packer.pack(message)
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
        if envelope.timer is not None:
            return False
        message = envelope.message
        if isinstance(message, Answer):
            return self._answered.pop(message.to, MISSING) is not message.value
        return envelope.sender is None or self._is_outside(envelope.sender.path)


def _text(message: Any) -> str:
    try:
        return repr(message)[:TEXT]
    # A message of somebody's own actor.
    except Exception:
        return type(message).__name__
