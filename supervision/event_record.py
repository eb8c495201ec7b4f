"""One line of the supervision log: JSON, under 4 KiB, whatever the caller put into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

LINE_LIMIT = 4096
"""Bytes; each line with its newline stays below it, so that one write is one whole line."""

HEAD = ("t", "game", "seq", "process", "epoch", "level", "event", "text")
"""The keys that every line starts with, in this order; `game` may be absent."""

_SHORTEST = 48
"""A value is not cut below so many characters while longer ones remain."""


def encode_line(record: Mapping[str, Any], limit: int = LINE_LIMIT) -> bytes:
    """Render a record as one line; the stack, then the longest values, give way to the limit."""
    line = _encode(record)
    if len(line) < limit:
        return line
    cut = {key: _as_text(value) if key not in HEAD else value for key, value in record.items()}
    for key in _by_length(cut):
        line = _cut_to_fit(cut, key, limit)
        if len(line) < limit:
            return line
    return _encode(_bare(record))


def shorten(text: str, size: int) -> str:
    """Cut a text to at most `size` characters by leaving out its middle, and say how much."""
    if len(text) <= size:
        return text
    note = f"\n... {len(text) - size} characters left out ...\n"
    kept = max(0, size - len(note))
    # The top of a stack tells who called, its end where it stands: the end matters more.
    head = kept // 3
    return text[:head] + note + text[len(text) - (kept - head) :] if kept else text[:size]


def _cut_to_fit(record: dict[str, Any], key: str, limit: int) -> bytes:
    """Shorten one value as little as the limit asks for; encode what came of it."""
    # By trial, because a newline or an umlaut takes more bytes in the line than in the text.
    whole, low, high = record[key], min(_SHORTEST, len(record[key])), len(record[key])
    while low < high:
        record[key] = shorten(whole, (low + high + 1) // 2)
        if len(_encode(record)) < limit:
            low = (low + high + 1) // 2
        else:
            high = (low + high + 1) // 2 - 1
    record[key] = shorten(whole, low)
    return _encode(record)


def _by_length(record: Mapping[str, Any]) -> list[str]:
    """Name the values that may be cut, the stack first and then the longest."""
    texts = [key for key, value in record.items() if isinstance(value, str) and key != "event"]
    return sorted(texts, key=lambda key: (key != "stack", -len(record[key])))


def _encode(record: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(record, enc_hook=str) + b"\n"
    except BaseException:
        # A value that can't be rendered (a broken __str__, a lone surrogate, a cycle) must
        # not cost the line: the rest of it may be what explains the incident. Nor may it end
        # the thread that writes all lines, whatever it raises.
        plain = {_printable(key): _plain(value) for key, value in record.items()}
        return msgspec.json.encode(plain, enc_hook=str) + b"\n"


def _plain(value: Any) -> Any:
    try:
        msgspec.json.encode(value, enc_hook=str)
    except BaseException:
        return _as_text(value)
    return value


def _as_text(value: Any) -> Any:
    """Turn a container or a foreign object into a text; numbers and None stay."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        return value
    try:
        return _printable(value if isinstance(value, str) else str(value))
    except BaseException:
        return f"<{type(value).__name__} without a text>"


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _bare(record: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the head alone, for a record with more keys than fit."""
    kept = {key: record[key] for key in HEAD if key in record}
    short = {key: shorten(value, 200) for key, value in kept.items() if isinstance(value, str)}
    return kept | short | {"cut": len(record) - len(kept)}
