"""One started process: its pipes, its process group, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO

from fleet.supervision.guard.appended import Appended, open_to_append
from fleet.supervision.guard.lifeline import BEAT_FD, DUMP_FILE, LIFE_FD
from fleet.supervision.guard.reports import Report, ReportReader
from fleet.supervision.guard.spec import ProcessSpec


class Process:
    """A running process that leads a session of its own; used by the guard's thread alone."""

    def __init__(self, spec: ProcessSpec, dumps: Path | None) -> None:
        """Start it. Raises OSError when the system can't (no program, no more processes)."""
        self._reader = ReportReader()
        self.dump = Appended(dumps / f"{spec.name}.txt") if dumps else None
        """Where its stacks go; None without a folder for them."""

        self.output = Appended(spec.output) if spec.output else None
        for file in (self.dump, None if spec.shares_output else self.output):
            with suppress(OSError):
                if file is not None:
                    file.trim()
        # Both of our ends are closed in every child (they are not inheritable), so that
        # nothing but this process keeps the lifeline open.
        life_end, self._life = os.pipe()
        self.beats, beat_end = os.pipe()
        """Descriptor that becomes readable with each report."""

        self.silent = False
        """It has closed its end: no report will come any more."""

        os.set_blocking(self.beats, False)
        try:
            self._popen = self._start(spec, life_end, beat_end)
        except BaseException:
            self.close()
            raise
        finally:
            os.close(life_end)
            os.close(beat_end)

    def _start(self, spec: ProcessSpec, life_end: int, beat_end: int) -> subprocess.Popen[bytes]:
        env = dict(os.environ if spec.env is None else spec.env)
        env |= {LIFE_FD: str(life_end), BEAT_FD: str(beat_end)}
        if self.dump:
            env[DUMP_FILE] = str(self.dump.path)
        with _standard_input(spec) as stdin, _standard_output(spec) as output:
            return subprocess.Popen(
                list(spec.argv),
                env=env,
                stdin=stdin,
                stdout=output,
                stderr=output,
                pass_fds=(*spec.pass_fds, life_end, beat_end),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is its session's and its group's as well."""
        return self._popen.pid

    def reports(self) -> Iterator[Report]:
        """Take what it told since the last call; never waits."""
        # A bounded number of reads: a process that writes without end must not hold the loop.
        for _ in range(16):
            try:
                data = os.read(self.beats, 65536)
            except BlockingIOError:
                return
            if not data:
                self.silent = True
                return
            yield from self._reader.feed(data)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it and all that it started in its group."""
        # macOS refuses (EPERM) when nothing but a zombie is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def reap(self) -> int | None:
        """Take its exit code (negative: the signal) if it has ended; its group is killed then."""
        if not self._has_ended():
            return None
        # Before it is reaped, because as long as it is a zombie nobody else gets its number.
        self.kill()
        return self._popen.wait()

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self.pid, flags) is not None
        except ChildProcessError:
            # Somebody else in this process reaped it; its exit code is lost, and reads as 0.
            return True

    def wait(self) -> int:
        """Wait for its end without limit; for one that was killed."""
        return self._popen.wait()

    def close(self) -> None:
        """Close our ends of its pipes."""
        os.close(self._life)
        os.close(self.beats)


def _standard_input(spec: ProcessSpec) -> AbstractContextManager[IO[bytes] | None]:
    if spec.terminal:
        return nullcontext()
    if not spec.stdin:
        return Path(os.devnull).open("rb")
    reader, writer = os.pipe()
    # The pipe takes it whole (STDIN_MOST), so this never waits for the child.
    os.write(writer, spec.stdin)
    os.close(writer)
    return os.fdopen(reader, "rb")


def _standard_output(spec: ProcessSpec) -> AbstractContextManager[IO[bytes] | None]:
    if spec.output is None:
        return nullcontext()
    return os.fdopen(open_to_append(spec.output), "ab")
