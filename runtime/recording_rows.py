"""Writes turns down soon after they have ended, in the thread of the actor that ended the last.

What they hold is still in the processor's caches then, and is free again soon. A thread that does
it all a quarter of a second later finds nothing of it there, keeps the interpreter for long, and
leaves actors to make their messages in memory that is cold, too (measured on a busy machine: it
took 0.12 ms for each request, and the same work in a loop takes 0.04).
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.lanes import Held as LanesHeld
from fleet.runtime.recording_codec import LARGE, digest, said
from fleet.runtime.recording_frames import KEPT, Foreign, Life, Name
from fleet.runtime.recording_port import Loaded, OpenTurn
from fleet.runtime.recording_tree import TreeWriter

TEXT: Final = 200
MISSING: Final = object()
STARTING: Final = "Starting"


def _plain(value: Any) -> Any:
    if isinstance(value, Loaded):
        return msgspec.msgpack.Ext(KEPT, value.data)
    raise TypeError(f"{type(value).__name__} is nothing that a context tells")


class Rows:
    """For any thread. Nothing here takes a lock: a thread that is cut off leaves none behind."""

    def __init__(
        self, *, full: bool, is_outside: Callable[[str], bool], answered: dict[int, Any]
    ) -> None:
        """Begin. `full`: keep messages between recorded actors, too.

        `answered` tells what recorded actors answered, by ask.
        """
        self.frames: deque[Name | Life] = deque()
        """What rows refer to. It is here before the first row that does can be anywhere."""

        self._full = full
        self._is_outside = is_outside
        self._answered = answered
        self._large: set[type] = set()
        """Types of which a message was much: of those that stay inside, only the type counts."""

        self._encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
        self._numbers = itertools.count(1)
        self._names: dict[str, int] = {}
        self._lives: list[Life] = []
        self._routes: dict[tuple[str, type], tuple[int, bool]] = {}
        """By where to and which type: the name of both, and whether it is outside."""

        self._kinds: dict[type, int] = {}
        self._tree = TreeWriter(lambda kind: self._name(f"{kind.__module__} {kind.__qualname__}"))

    def add_life(self, life: Life) -> None:
        """Take note of an incarnation, before its first turn."""
        self._lives.append(life)
        self.frames.append(life)

    def known(self) -> list[Name | Life]:
        """List whatever rows may refer to, for a file that begins."""
        names = [Name(number, text) for text, number in list(self._names.items())]
        return [*names, *self._lives.copy()]

    def row(self, turn: OpenTurn, end: str) -> bytes:
        """Encode what is read as a Turn."""
        envelope = turn.envelope
        sent = self._stamped(turn.sent) if turn.sent else ()
        if envelope is None:
            name = self._names.get(STARTING) or self._name(STARTING)
            usual = turn.place, turn.life, 0, name, turn.at, turn.values, sent
            held = self._held(turn)
            return self._encode((*usual, end, 0, held, None, 1, turn.detail, turn.fenced))
        message = envelope.message
        kind = type(message)
        name = self._kinds.get(kind) or self._kind(kind)
        usual = turn.place, turn.life, envelope.id, name, turn.at, turn.values, sent
        foreign = self._foreign(envelope) if self._is_kept(envelope) else None
        answers = message.to if kind is Answer else 0
        held = self._held(turn) if turn.held else ()
        if foreign is None and end == "done" and not (answers or held) and envelope.attempt == 1:
            return self._encode(usual)
        last = envelope.attempt, turn.detail, turn.fenced
        return self._encode((*usual, end, answers, held, foreign, *last))

    def _stamped(self, sent: Sequence[tuple[str, Any]]) -> list[int]:
        """Name and stamp what a turn has sent."""
        routes, large = self._routes, self._large
        found: list[int] = []
        for to, message in sent:
            kind = type(message)
            name, outside = routes.get((to, kind)) or self._route(to, kind)
            if outside:
                found += name, digest(said(message), strong=True)
            elif kind in large:
                found += name, 0
            else:
                words = said(message)
                if len(words) > LARGE:
                    large.add(kind)
                found += name, digest(words, strong=False)
        return found

    def _held(self, turn: OpenTurn) -> Sequence[tuple[Any, ...]]:
        return [
            (held.id, game, self._foreign(held) if self._is_kept(held) else None)
            for held, game in turn.held
        ]

    # -- names

    def _route(self, to: str, kind: type) -> tuple[int, bool]:
        """Tell the name of where to and of which type, and whether that is outside."""
        name = self._name(f"{to} {kind.__name__}".strip())
        route = self._routes[to, kind] = name, bool(to) and self._is_outside(to)
        return route

    def _kind(self, kind: type) -> int:
        number = self._kinds[kind] = self._name(kind.__name__)
        return number

    def _name(self, text: str) -> int:
        number = self._names.get(text)
        if number is not None:
            return number
        # Two threads may give it two numbers; then both are known, and one of them is used.
        number = next(self._numbers)
        self.frames.append(Name(number, text))
        return self._names.setdefault(text, number)

    # -- messages from outside

    def _is_kept(self, envelope: Envelope) -> bool:
        """Say whether no recorded actor has sent a message, or all are kept."""
        if self._full:
            return True
        if envelope.timer is not None:
            return False
        message, sender = envelope.message, envelope.sender
        if type(message) is Answer:
            return self._answered.pop(message.to, MISSING) is not message.value
        if sender is None:
            # What tells of the lanes comes out of them.
            return type(message) is not LanesHeld
        return self._is_outside(sender.path)

    def _foreign(self, envelope: Envelope) -> Foreign:
        """Keep a message."""
        message = envelope.message
        if isinstance(message, Answer):
            message = message.value
        kept = self._tree.write(message)
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


def _text(message: Any) -> str:
    try:
        return repr(message)[:TEXT]
    # A message of somebody's own actor.
    except Exception:
        return type(message).__name__
