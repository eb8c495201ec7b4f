"""The supervision log for people: one event as styled pieces of text, without any terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fleet.supervision.event_record import HEAD
from fleet.supervision.log_line import LEVELS, LogLine

MARKS: Final = {
    "debug": (".", "dim"),
    "info": (" ", ""),
    "warning": ("!", "yellow"),
    "error": ("E", "red"),
    "critical": ("C", "bold red"),
}
"""Each level's mark and style."""

KEYS: Final = (
    "reason",
    "message_type",
    "attempt",
    "over_budget_ms",
    "backoff_s",
    "restarts",
    "restarts_in_window",
    "mailbox_len",
    "zombies",
)
"""The keys shown after a text that doesn't name their values itself, in this order."""

WHO_WIDTH: Final = 22
EVENT_WIDTH: Final = 18
_STACK_INDENT: Final = " " * 6
_NARROWEST: Final = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text in one style; the styles are names that rich knows."""

    text: str
    style: str = ""


class LogFormat:
    """Renders lines in order, with a heading where the day changes."""

    def __init__(
        self, local: Callable[[float], datetime], *, width: int | None, unicode: bool = True
    ) -> None:
        """Render for so many columns, or each event on one line without a width.

        `local` turns seconds since the Unix epoch into the reader's civil time.
        """
        self._local = local
        self._width = width
        self._dots = "…" if unicode else "~"
        self._day = ""

    def render(self, line: LogLine) -> Iterator[list[Piece]]:
        """Render one line as rows of pieces, without newlines."""
        if line.malformed:
            yield [
                Piece("?? ", "red"),
                Piece(self._fit(printable(line.raw.decode("utf-8", "replace")))),
            ]
            return
        moment = self._local(line.wall) if line.wall is not None else None
        if moment is not None and f"{moment:%Y-%m-%d}" != self._day:
            self._day = f"{moment:%Y-%m-%d}"
            yield [Piece(f"--- {moment:%A} {self._day} ---", "dim")]
        yield from self._event(line, f"{moment:%H:%M:%S}" if moment else "--:--:--")
        yield from self._stack(line)

    def _event(self, line: LogLine, time: str) -> Iterator[list[Piece]]:
        mark, style = MARKS[LEVELS[line.level]]
        who, event = self._shorten(printable(line.who), WHO_WIDTH), printable(line.text_of("event"))
        head = [
            Piece(f"{time} ", "dim"),
            Piece(f"{mark} ", style),
            Piece(f"{who:<{WHO_WIDTH}} ", "cyan"),
            Piece(f"{event:<{EVENT_WIDTH}} ", style or "bold"),
        ]
        indent = sum(len(piece.text) for piece in head)
        first, *others = self._wrap(self._says(line), indent)
        yield [*head, Piece(first, style)]
        for row in others:
            yield [Piece(" " * indent), Piece(row, style)]

    def _says(self, line: LogLine) -> str:
        """Put the text and the keys that add something to it into one line."""
        text, record = printable(line.text_of("text")), line.record or {}
        if text:
            extra = [_pair(key, record[key]) for key in KEYS if _adds(key, record.get(key), text)]
        else:
            told = (*HEAD, "stack", "actor", "child")
            extra = [_pair(key, value) for key, value in record.items() if key not in told]
        return "  ".join(part for part in (text, " ".join(extra)) if part)

    def _stack(self, line: LogLine) -> Iterator[list[Piece]]:
        stack = line.text_of("stack")
        if not stack or line.level < LEVELS.index("error"):
            return
        for row in stack.strip("\n").split("\n"):
            yield [
                Piece(_STACK_INDENT),
                Piece(self._fit(printable(row), len(_STACK_INDENT)), "dim"),
            ]

    def _wrap(self, text: str, indent: int) -> list[str]:
        if self._width is None:
            return [text]
        return textwrap.wrap(text, max(_NARROWEST, self._width - indent)) or [""]

    def _fit(self, text: str, indent: int = 3) -> str:
        if self._width is None or len(text) <= self._width - indent:
            return text
        return text[: max(_NARROWEST, self._width - indent) - 1] + self._dots

    def _shorten(self, who: str, size: int) -> str:
        # The end of a path tells one ship from another.
        return who if len(who) <= size else self._dots + who[-(size - 1) :]


def printable(text: str) -> str:
    """Make every control character visible: a log line must not steer the terminal."""
    spaced = text.replace("\r\n", "\n").replace("\n", " / ").replace("\t", "    ")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in spaced)


def _pair(key: str, value: Any) -> str:
    return printable(f"{key}={value}")


def _adds(key: str, value: Any, text: str) -> bool:
    """Whether a value says something (0 of anything doesn't) that the text does not tell."""
    told = f"{value} {key}" in text or (isinstance(value, str) and value in text)
    return bool(value) and not told
