"""The supervision log of a process: JSON lines, written by a thread of its own.

Never through `logging`: an actor that is abandoned while it holds a handler's lock would
silence every other thread. Callers only append to a deque and ring a bell of C.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import Any

from fleet.runtime.auto_reset_event import AutoResetEvent
from fleet.runtime.manners import give_way
from fleet.supervision.line_writer import Entry, LineWriter, Stamp, entry
from fleet.supervision.log_file import LogFile
from fleet.supervision.rotation import Rotation

LINGER = 0.05
"""Wall seconds that events wait for others: each by itself wakes a thread."""

PATIENT = frozenset({"debug", "info"})
"""Levels of events that wait; the others are written at once, as the process may not live on."""

LOG_NAME = "supervision.jsonl"
"""Name of the log in the data folder."""


class EventLog:
    """Takes events from any thread at once and appends them in the order they came."""

    def __init__(
        self,
        path: Path,
        stamp: Stamp,
        *,
        rotation: Rotation | None = None,
        max_queued: int = 100_000,
    ) -> None:
        """Start the writing thread; only the runtime gets a `rotation`.

        `max_queued` bounds the memory that a disk without an answer may cost; events
        beyond it are lost and counted.
        """
        self._stamp = stamp
        self._writer = LineWriter(LogFile(path, rotation=rotation), stamp)
        self._entries: deque[Entry] = deque()
        self._flushes: deque[threading.Event] = deque()
        self._bell, self._hurry = AutoResetEvent(), AutoResetEvent()
        """There is something to write; nothing must wait for more of it."""

        self._rung = False
        """Whether an event that waits for others has rung already."""

        self._max_queued = max_queued
        self._refused = 0
        self._refused_lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Note an event and return at once. Callable from any thread; never raises.

        `fields` are rendered later by the writing thread: don't change their values.
        """
        try:
            if self._closed or len(self._entries) >= self._max_queued:
                self._refuse()
                return
            self._entries.append(entry(self._stamp, event, level, text, fields))
            if level not in PATIENT:
                self._ring_now()
            elif not self._rung:
                self._rung = True
                self._bell.set()
        except Exception:
            self._refuse()

    def flush(self, timeout: float) -> bool:
        """Wait until everything emitted so far is written, in seconds; say whether it is."""
        done = threading.Event()
        self._flushes.append(done)
        self._ring_now()
        return done.wait(timeout)

    def close(self, timeout: float) -> bool:
        """Write what is queued and end the thread, within seconds; say whether it ended."""
        self._closed = True
        self._ring_now()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ring_now(self) -> None:
        # In this order: whoever is woken by the bell finds that there is hurry.
        self._hurry.set()
        self._bell.set()

    def _run(self) -> None:
        # Whoever emits goes on first: a twentieth of all messages, where each thousandth is told.
        give_way()
        ended = False
        while not ended:
            self._bell.wait()
            self._hurry.wait(LINGER)
            ended = self._closed
            flushes = [self._flushes.popleft() for _ in range(len(self._flushes))]
            # First this: what comes while the others are written rings anew.
            self._rung = False
            self._write_all()
            if flushes:
                self._writer.report()
            for done in flushes:
                done.set()
        self._writer.report()
        self._writer.close()

    def _write_all(self) -> None:
        self._collect_refused()
        for _ in range(len(self._entries)):
            self._writer.write(self._entries.popleft())

    def _refuse(self) -> None:
        with self._refused_lock:
            self._refused += 1

    def _collect_refused(self) -> None:
        if self._refused:
            with self._refused_lock:
                refused, self._refused = self._refused, 0
            self._writer.drop(refused, "they came faster than the disk takes them")


class DirectEventLog:
    """The same log for a process without threads: each event is written before `emit` returns."""

    def __init__(self, path: Path, stamp: Stamp) -> None:
        """Remember the path; the file is opened with the first event."""
        self._stamp = stamp
        self._writer = LineWriter(LogFile(path), stamp)

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Append one event; a full disk is counted and told later. Never raises."""
        self._writer.write(entry(self._stamp, event, level, text, fields))

    def close(self) -> None:
        """Say what was lost, if anything, and close the file."""
        self._writer.report()
        self._writer.close()
