"""A guarded process's side of its guard: it beats, says when it is ready, ends with its parent.

Take it first thing in the process, before the slow imports:

    lifeline = Lifeline.from_environment()
    ...
    lifeline.ready({"port": 8080})
    while serving:
        lifeline.beat()
"""

from __future__ import annotations

import faulthandler
import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import IO, Any, Final

BOOT_FAILURE: Final = 78
"""Exit code of a process that can't start as things are (EX_CONFIG); it is not started again."""

ORPHANED: Final = 76
"""Exit code of a process whose guard is gone, where the kernel didn't kill it first."""

RENEWAL: Final = 75
"""Exit code of a process that asks to be started anew (EX_TEMPFAIL)."""

DUMP_SIGNAL: Final = signal.SIGUSR1
"""Asks a guarded process for the stacks of all its threads; works while the GIL is held."""

STACK_SIGNAL: Final = signal.SIGUSR2
"""Asks a single thread of a guarded process for its own stack."""

MESSAGE_LIMIT: Final = 4096
"""Bytes; POSIX writes so much into a pipe in one piece or, if it is full, not at all."""

LIFE_FD: Final = "FLEET_GUARD_LIFE_FD"
BEAT_FD: Final = "FLEET_GUARD_BEAT_FD"
DUMP_FILE: Final = "FLEET_GUARD_DUMP_FILE"


class Lifeline:
    """The way to the guard and the thread that ends this process when the guard is gone."""

    def __init__(self, life_fd: int | None, beat_fd: int | None, dump_file: str | None) -> None:
        """Take over the descriptors; None each for a process that runs without a guard."""
        self._beat_fd = beat_fd
        self._dump = _dump_stacks_into(dump_file) if dump_file else None
        if life_fd is not None:
            _let_kernel_kill(life_fd)
            threading.Thread(
                target=_watch_parent, args=(life_fd,), name="lifeline", daemon=True
            ).start()

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> Lifeline:
        """Take the lifeline that the guard handed over; without a guard it does nothing.

        Removes the variables, so that programs started from here don't take it for theirs.
        """
        life_fd = _descriptor(environ.pop(LIFE_FD, ""))
        beat_fd = _descriptor(environ.pop(BEAT_FD, ""))
        dump_file = environ.pop(DUMP_FILE, None)
        if beat_fd is not None:
            os.set_blocking(beat_fd, False)
        return cls(life_fd, beat_fd, dump_file)

    @property
    def guarded(self) -> bool:
        """Whether a guard listens."""
        return self._beat_fd is not None

    def beat(self) -> None:
        """Tell that this process is alive. Any thread; one write, never blocks or raises."""
        self._send(b"\n")

    def progress(self) -> None:
        """Tell that this process gets on with its work, which is more than being alive.

        A service manager above the guard is kept quiet by this alone. Any thread.
        """
        self._send(b"+\n")

    def ready(self, info: Mapping[str, Any] | None = None) -> None:
        """Tell that the start is done; `info` (JSON, below 4 KiB) appears in the log.

        From now on the guard counts the time between beats. Raises ValueError for an info
        that is too long.
        """
        message = json.dumps({"ready": dict(info or {})}).encode() + b"\n"
        if len(message) > MESSAGE_LIMIT:
            raise ValueError("the info of a ready process must stay below 4 KiB")
        self._send(message)

    def boot_failed(self, reason: str) -> int:
        """Tell in one sentence why this process can't start; returns the code to exit with."""
        self._send(json.dumps({"boot_failed": reason[:500]}).encode() + b"\n")
        return BOOT_FAILURE

    def renew(self, reason: str) -> int:
        """Tell in one sentence why this process wants to be started anew; returns the exit code."""
        self._send(json.dumps({"renew": reason[:500]}).encode() + b"\n")
        return RENEWAL

    def _send(self, message: bytes) -> None:
        if self._beat_fd is None:
            return
        # A full pipe means that the guard is stopped, a broken one that it is gone: in
        # neither case may the work wait for it.
        with suppress(OSError):
            os.write(self._beat_fd, message)


def _descriptor(text: str) -> int | None:
    """Read a descriptor's number; None for one that is not open here."""
    try:
        fd = int(text)
        os.set_inheritable(fd, False)
    except (ValueError, OSError, OverflowError):
        return None
    return fd


def _watch_parent(life_fd: int) -> None:
    # Nobody writes into this pipe: the read returns when its last writer, the guard, ended.
    with suppress(OSError):
        os.read(life_fd, 1)
        _end()


def _end() -> None:
    """End this process and, if it leads its group, everything it started."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(ORPHANED)


def _let_kernel_kill(life_fd: int) -> None:
    """Ask the kernel to end this process, or the group it leads, with its guard (Linux).

    Works where the watching thread can't: while C code holds the GIL. The death signal of
    prctl would leave what this process started behind.
    """
    if sys.platform == "linux":
        leader = os.getpgrp() == os.getpid()
        with suppress(OSError):
            fcntl.fcntl(life_fd, fcntl.F_SETOWN, -os.getpid() if leader else os.getpid())
            fcntl.fcntl(life_fd, fcntl.F_SETSIG, signal.SIGKILL)
            flags = fcntl.fcntl(life_fd, fcntl.F_GETFL)
            fcntl.fcntl(life_fd, fcntl.F_SETFL, flags | os.O_ASYNC)


def _dump_stacks_into(path: str) -> IO[bytes] | None:
    """Write stacks there when the guard asks and when the interpreter crashes."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    file = os.fdopen(fd, "wb", buffering=0)
    faulthandler.enable(file)
    faulthandler.register(DUMP_SIGNAL, file, all_threads=True)
    faulthandler.register(STACK_SIGNAL, file, all_threads=False)
    return file
