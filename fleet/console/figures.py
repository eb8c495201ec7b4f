"""Numbers, times and names as the console and the status page show them."""

from __future__ import annotations

import re
from contextlib import suppress

from fleet.protocol.clock import from_iso, to_iso
from fleet.status import EventStatus

_PATH = re.compile(r"(?<![\w/])/(?:[\w.-]+/)+([\w.-]+)")
"""An actor's path within a sentence."""


def whole(value: float) -> str:
    """Show a number with thousands set apart: `1,234,567`."""
    return f"{value:,.0f}"


def signed(value: float) -> str:
    """Show a change, always with its sign."""
    return f"{value:+,.0f}"


def short(value: float) -> str:
    """Show a number in at most six characters: `999`, `12.3k`, `4.57M`."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        # What rounds up to the next unit belongs to it.
        if abs(value) >= size * 0.9995:
            scaled = value / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{unit}"
    return f"{value:.0f}"


def percent(share: float | None) -> str:
    """Show a part of a whole; a dash where nobody knows it."""
    return "-" if share is None else f"{share * 100:.0f} %"


def seconds(value: float | None) -> str:
    """Show a wait: `0.12 s`, `4.5 s`, `38 s`, `12m 05s`; a dash where there was none."""
    if value is None:
        return "-"
    if value >= 99.5:
        minutes, rest = divmod(round(value), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}h {minutes:02d}m" if hours else f"{minutes}m {rest:02d}s"
    return f"{value:.{2 if value < 0.995 else 1 if value < 9.95 else 0}f} s"


def clock_time(iso: str) -> str:
    """Cut an instant down to its time of day, in UTC; what is no instant stays as it is."""
    with suppress(ValueError):
        return to_iso(from_iso(iso))[11:19]
    return plain(iso)


def day_and_time(iso: str) -> str:
    """Show an instant as `2026-07-04 13:05:22`; what is no instant stays as it is."""
    with suppress(ValueError):
        return to_iso(from_iso(iso))[:19].replace("T", " ")
    return plain(iso)


def actor_name(path: str) -> str:
    """Name an actor by the end of its path."""
    return plain(path.rstrip("/").rpartition("/")[2] or path)


def event_text(event: EventStatus) -> str:
    """Say what happened, with actors named by the ends of their paths, and its own not at all."""
    text = _PATH.sub(r"\1", plain(event.text or event.event))
    return text.removeprefix(f"{actor_name(event.actor)} ")


def count_of(number: int, noun: str) -> str:
    """Show a number with its noun: `1 ship`, `2 ships`."""
    return f"{whole(number)} {noun}" if number == 1 else f"{whole(number)} {noun}s"


def plain(text: str) -> str:
    """Take out what could move the cursor or change colours: texts come from a server."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
