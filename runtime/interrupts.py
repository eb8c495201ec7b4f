"""The last rung, only where somebody asked for it: raise something in a thread that computes.

An exception from outside strikes between any two steps: it leaks locks that are being taken
(measured: three of four `acquire(); try`, one of twenty-five calls of `logging`), and a leaked lock
stops everybody who needs it. Hence the guards: the thread is still a zombie and cannot cease to be
one meanwhile, it has been on a CPU in the same frame at two looks, and nothing on its stack is
the kernel's or of a module that takes locks.
"""

from __future__ import annotations

import ctypes
import threading
from types import FrameType

from fleet.runtime.frames import current_frames
from fleet.runtime.traces import KERNEL, of_frame
from fleet.runtime.zombies import Zombie, Zombies

LOCKING = frozenset({"logging", "threading", "queue", "sqlite3", "ssl"})
"""Modules in whose middle nothing may be raised."""

OURS = ("fleet.runtime", "fleet.supervision")


class Interrupt(BaseException):
    """Raised in a zombie that computes; `except Exception` does not hold it."""


class Interrupts:
    """Interrupts each spinning zombie once, if its stack allows it. For the watchdog's thread."""

    def __init__(self, zombies: Zombies) -> None:
        self._zombies = zombies
        self._frames: dict[Zombie, int] = {}
        """By zombie, the frame that it was in at the last look."""

        self._done: set[Zombie] = set()

    def look(self) -> list[tuple[Zombie, str]]:
        """Interrupt those that were in the same frame at the last look; with their stacks."""
        spinning = [zombie for zombie in self._zombies.all() if zombie.spins]
        frames = current_frames() if spinning else {}
        seen: dict[Zombie, int] = {}
        struck: list[tuple[Zombie, str]] = []
        for zombie in spinning:
            thread = getattr(zombie.runner, "thread", None)
            if not isinstance(thread, threading.Thread) or zombie in self._done:
                continue
            frame = frames.get(thread.ident or 0)
            if frame is None or not is_harmless(frame):
                continue
            seen[zombie] = id(frame)
            if self._frames.get(zombie) == id(frame) and self._strike(zombie, thread):
                struck.append((zombie, of_frame(frame)))
        self._frames = seen
        self._done = {zombie for zombie in spinning if zombie in self._done}
        self._done.update(zombie for zombie, _ in struck)
        return struck

    def _strike(self, zombie: Zombie, thread: threading.Thread) -> bool:
        # Who comes back has to be struck off first: not while this is held. So the thread is
        # still there, and its ident is not that of another one.
        with self._zombies.held(zombie) as known:
            return known and thread.is_alive() and _raise_in(thread)


def is_harmless(frame: FrameType | None) -> bool:
    """Say whether an actor's code is all that there is on a stack, down to the kernel."""
    while frame is not None and not frame.f_code.co_filename.endswith(KERNEL):
        name: str = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] in LOCKING or name.startswith(OURS):
            return False
        frame = frame.f_back
    return frame is not None


def _raise_in(thread: threading.Thread) -> bool:
    raising = ctypes.pythonapi.PyThreadState_SetAsyncExc
    return bool(raising(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Interrupt)) == 1)
