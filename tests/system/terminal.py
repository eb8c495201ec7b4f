"""A terminal that is not there: what is drawn on it, and the keys that are pressed."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from typing import Any

# Makes the terminal the process's own, as a shell would, and then becomes the command.
# Without site and environment, so that this step costs nothing.
TAKE = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """80 columns, 24 lines; close it in any case."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, size)
        self._before = termios.tcgetattr(self._slave)
        self._drawn = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        # Ends with an error when all other ends are closed.
        with suppress(OSError):
            while data := os.read(self._master, 65536):
                self._drawn += data

    def start(self, command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start a command as the terminal's session and foreground group."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", TAKE, *command],
            env=env | {"TERM": "xterm-256color"},
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
        )

    def press_ctrl_c(self) -> None:
        """Send the key; the terminal makes the signal of it."""
        os.write(self._master, b"\x03")

    @property
    def output(self) -> str:
        """Everything that was drawn so far."""
        return self._drawn.decode("utf-8", "replace")

    @property
    def drawn_on(self) -> bool:
        """Whether a console has taken the whole screen."""
        return b"\x1b[?1049h" in self._drawn

    @property
    def restored(self) -> bool:
        """Whether settings, screen and cursor are as they were."""
        settings: list[Any] = termios.tcgetattr(self._slave)
        drawn = bytes(self._drawn)
        screen = drawn.rfind(b"\x1b[?1049h") <= drawn.rfind(b"\x1b[?1049l")
        cursor = drawn.rfind(b"\x1b[?25l") <= drawn.rfind(b"\x1b[?25h")
        return settings == self._before and screen and cursor

    def close(self) -> None:
        """Close it."""
        os.close(self._slave)
        self._reader.join(30)
        os.close(self._master)
