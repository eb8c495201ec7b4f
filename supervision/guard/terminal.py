"""The terminal as it was before a console drew on it."""

from __future__ import annotations

import os
import sys
import termios
from contextlib import suppress
from typing import Any, Self

_SHOW_CURSOR_ON_MAIN_SCREEN = "\x1b[?1049l\x1b[?25h"


class Terminal:
    """Puts the terminal's settings back at exit: a killed console can't do it itself."""

    def __init__(self, used: bool) -> None:
        """Do nothing unless a process uses the terminal."""
        self._used = used and all(
            stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)
        )
        self._settings: list[Any] = []

    def __enter__(self) -> Self:
        """Remember the settings."""
        if self._used:
            with suppress(termios.error):
                self._settings = termios.tcgetattr(sys.stdin)
        return self

    def __exit__(self, *_: object) -> None:
        """Put them back and show the cursor."""
        # From the background, setting a terminal would stop this process (SIGTTOU).
        if self._settings and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
            with suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._settings)
                sys.stdout.write(_SHOW_CURSOR_ON_MAIN_SCREEN)
                sys.stdout.flush()
