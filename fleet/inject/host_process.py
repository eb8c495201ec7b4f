"""A script's process as the runtime sees it: started, spoken to, killed and reaped."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from fleet.config import TOKEN_VARIABLE
from fleet.inject import frames
from fleet.inject.printed import shorten
from fleet.protocol.errors import FleetError
from fleet.supervision.guard.process import Process
from fleet.supervision.guard.spec import ProcessSpec

WARM_WITHIN: Final = 20.0
"""Wall seconds for a new process to import what scripts need; long, for a busy machine."""

UNSENT_MOST: Final = 8 << 20
"""Bytes that may wait for a script's process to read them."""

RATE: Final = 500.0
BURST: Final = 1000
"""Frames per wall second that a script may send, and how many at once: the runtime decodes each
one, and what a script asks for beyond it waits in its own process."""


class Gone(FleetError):
    """The script's process has ended, or does not read what it is told."""


class HostProcess:
    """Leads a session of its own and dies with the runtime, whatever the script does.

    Made and loaded in one thread; then a thread of its own reads, and any thread may send or kill.
    """

    def __init__(self, output: Path, monotonic: Callable[[], float]) -> None:
        """Start it. Raises OSError when the system can't."""
        ours, theirs = socket.socketpair()
        try:
            spec = ProcessSpec(
                name="experiment",
                argv=[sys.executable, "-m", "fleet.inject"],
                env=_environment(os.environ),
                pass_fds=(theirs.fileno(),),
                stdin=msgspec.json.encode({"socket": theirs.fileno()}),
                output=output,
                shares_output=True,
            )
            self._process = Process(spec, None)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._output = output
        self._line = frames.Line(ours, frames.UP)
        self._monotonic = monotonic
        self._warm = False
        self._warming = threading.Lock()
        self._reaped = False
        self._attached = False
        self._code = 0
        self._ending = threading.Lock()
        self._sending = threading.Lock()
        self._unsent = bytearray()
        self._turn = threading.Event()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet, as far as the system tells."""
        if self._reaped:
            return False
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        with suppress(ChildProcessError):
            return os.waitid(os.P_PID, self.pid, flags) is None
        return False

    # -- before it is attached

    def warm_up(self) -> None:
        """Wait until it has imported what scripts need. Raises Gone."""
        # Whoever takes a spare may come while it is being warmed: only one may read.
        with self._warming:
            if not self._warm:
                self._expect(frames.Pong, WARM_WITHIN)
                self._warm = True

    def load(self, load: frames.Load, within: float) -> frames.Loaded | frames.Unusable:
        """Have it read a script. Raises Gone when it ends instead, or takes too long."""
        self.warm_up()
        self._line.send(load)
        found: Any = self._expect((frames.Loaded, frames.Unusable), within)
        return found  # type: ignore[no-any-return]

    def _expect(self, kinds: Any, within: float) -> Any:
        self._line.socket.settimeout(within)
        try:
            frame = self._line.receive()
        except TimeoutError:
            raise Gone(f"did not come back within {within:g} s") from None
        except (OSError, frames.Broken):
            frame = None
        finally:
            self._line.socket.settimeout(None)
        if not isinstance(frame, kinds):
            raise Gone(f"ended the process ({self._told_end(self._natural_end())})")
        return frame

    # -- afterwards

    def attach(self, hear: Callable[[Any], None]) -> None:
        """Read in a thread of its own; the last thing heard is an Ended."""
        self._attached = True
        threading.Thread(
            target=self._read, args=(hear,), name=f"experiment-{self.pid}", daemon=True
        ).start()

    def send(self, frame: frames.Down) -> None:
        """Send without waiting. Raises Gone when it doesn't read, or has ended."""
        data = frames.packed(frame)
        with self._sending:
            self._unsent += data
            try:
                while self._unsent:
                    sent = self._line.socket.send(self._unsent, socket.MSG_DONTWAIT)
                    del self._unsent[:sent]
            except BlockingIOError:
                if len(self._unsent) > UNSENT_MOST:
                    raise Gone("does not read what it is told") from None
            except OSError:
                raise Gone("has ended") from None

    def shorten_output(self) -> bool:
        """Keep what scripts print from filling the disk; say whether it was about to."""
        return shorten(self._output)

    def kill(self) -> None:
        """End it and all that it started in its group; once it has been reaped, do nothing."""
        with self._ending:
            if not self._reaped:
                self._process.kill()

    def end(self) -> None:
        """Kill it, and have it reaped by whoever reads from it; or here where nobody does."""
        self.kill()
        if not self._attached:
            self.finish()

    def finish(self) -> int:
        """Kill, reap and close; tells the exit code."""
        self.kill()
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._ending:
            if not self._reaped:
                # What is left of its group goes before its number can be another's.
                self._process.kill()
                self._code = self._process.wait()
                self._reaped = True
                self._process.close()
                self._line.socket.close()
        return self._code

    def _read(self, hear: Callable[[Any], None]) -> None:
        ended: frames.Ended | None = None
        try:
            allowance, last = float(BURST), self._monotonic()
            while (frame := self._line.receive()) is not None:
                if isinstance(frame, frames.Ended):
                    ended = frame
                    break
                hear(frame)
                now = self._monotonic()
                allowance = min(BURST, allowance + (now - last) * RATE) - 1.0
                last = now
                if allowance < 0:
                    self._turn.wait(-allowance / RATE)
        except ConnectionResetError:
            # It ended with something left that it had not read: its end is told by its code.
            pass
        except (OSError, frames.Broken) as failure:
            ended = frames.Ended("crashed", f"broke off: {failure}")
        finally:
            code = self._natural_end()
            hear(ended or frames.Ended("crashed", f"ended the process ({self._told_end(code)})"))

    def _natural_end(self) -> int:
        """Take the exit code of one that ends by itself, or kill what has only closed its end."""
        for _ in range(20):
            if not self.alive:
                break
            self._turn.wait(0.01)
        return self.finish()

    @staticmethod
    def _told_end(code: int) -> str:
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is none of a script's business."""
    return {name: value for name, value in env.items() if name != TOKEN_VARIABLE}
