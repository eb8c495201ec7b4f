"""Numbers, encodes and appends events, and keeps count of those that could not be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.protocol.clock import Clock, to_iso
from fleet.supervision.event_record import HEAD, encode_line
from fleet.supervision.log_file import LogFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who writes, and where its times come from."""

    process: str
    """Name of this process in each line, such as `runtime` or `guard`."""

    epoch: int
    """Number of this start of the process; with `seq` it names a line for ever."""

    clock: Clock
    game: Callable[[], float | None] | None = None
    """Tells the game's time, or None while it is unknown; without it lines have no `game`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as its emitter gave it, with the times of that moment."""

    wall: float
    game: float | None
    event: str
    level: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def entry(stamp: Stamp, event: str, level: str, text: str, fields: Mapping[str, Any]) -> Entry:
    """Note an event with the present times; cheap, callable from any thread."""
    return Entry(
        wall=stamp.clock.wall(),
        game=_game_time(stamp),
        event=event,
        level=level,
        text=text,
        fields=fields,
    )


class LineWriter:
    """Writes entries to a log file in one thread; a full disk is counted, never raised."""

    def __init__(self, file: LogFile, stamp: Stamp) -> None:
        """Start with line number 1 of this process."""
        self._file = file
        self._stamp = stamp
        self._seq = 0
        self._dropped = 0
        self._reason = ""

    @property
    def dropped(self) -> int:
        """How many events were lost and not yet reported in the log."""
        return self._dropped

    def drop(self, count: int, reason: str) -> None:
        """Count events that were lost before they came here."""
        if count:
            self._dropped += count
            self._reason = reason

    def write(self, item: Entry) -> None:
        """Append one entry, after a word about those lost before it. Never raises."""
        try:
            self._report_dropped()
            self._append(item)
        except Exception as failure:
            self.drop(1, str(failure) or type(failure).__name__)

    def report(self) -> None:
        """Say what was lost, if anything was and it can be said by now. Never raises."""
        try:
            self._report_dropped()
        except Exception as failure:
            self._reason = str(failure)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _report_dropped(self) -> None:
        if not self._dropped:
            return
        dropped, reason = self._dropped, self._reason
        fields = {"dropped": dropped, "reason": reason}
        text = f"{dropped} events were lost before this line: {reason}."
        self._append(entry(self._stamp, "events.dropped", "error", text, fields))
        self._dropped = 0

    def _append(self, item: Entry) -> None:
        # The number is spent even if the write fails: a gap in `seq` shows the loss.
        self._seq += 1
        self._file.append(encode_line(self._record(item)))

    def _record(self, item: Entry) -> dict[str, Any]:
        head: dict[str, Any] = {"t": to_iso(item.wall)}
        if item.game is not None:
            head["game"] = to_iso(item.game)
        head |= {"seq": self._seq, "process": self._stamp.process, "epoch": self._stamp.epoch}
        head |= {"level": item.level, "event": item.event, "text": item.text}
        for key, value in item.fields.items():
            head[f"{key}_" if key in HEAD else key] = value
        return head


def _game_time(stamp: Stamp) -> float | None:
    if stamp.game is None:
        return None
    try:
        return stamp.game()
    except Exception:
        # The game clock may not be fitted yet; the line is wanted all the same.
        return None
