"""A measurement in a process of its own, beside others."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Elsewhere:
    """Begins at once; for the thread that made it."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Run a module that writes what it found as JSON."""
        self._module = module
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)

    def outcome(self, kind: type[T], within: float) -> T:
        """Wait for the end, so many wall seconds at most, and read what was found."""
        output, _ = self._process.communicate(timeout=within)
        if self._process.returncode:
            raise RuntimeError(f"{self._module} ended with status {self._process.returncode}")
        return msgspec.json.decode(output, type=kind)

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._process.poll() is None:
            # An orderly end, so that it stops its server.
            self._process.terminate()
            self._process.communicate()


def tell(outcome: msgspec.Struct) -> None:
    """Write what was found, for `Elsewhere.outcome`."""
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


def end_in_order() -> None:
    """Have SIGTERM raise an exception, so that a server is stopped on the way out."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
