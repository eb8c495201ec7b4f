"""Signals as bytes on a descriptor, so that one select loop sees them among everything else."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, Self

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalPipe:
    """Catches signals between enter and exit; main thread only."""

    def __init__(self, signals: Sequence[signal.Signals]) -> None:
        """Name the signals to catch."""
        self._signals = signals
        self._previous: dict[signal.Signals, Any] = {}
        self._reader = self._writer = self._outer = -1

    def __enter__(self) -> Self:
        """Take over the signals."""
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._outer = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in self._signals:
            # `nohup fleet run` asks to outlive the terminal.
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue
            self._previous[number] = signal.signal(number, _noted)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        signal.set_wakeup_fd(self._outer)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        """Name the descriptor that becomes readable with a signal."""
        return self._reader

    def read(self) -> list[signal.Signals]:
        """Take the signals of ours that came since the last call, in order."""
        data = b""
        with suppress(BlockingIOError):
            while more := os.read(self._reader, 4096):
                data += more
        return [signal.Signals(number) for number in data if number in self._signals]


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the byte in the pipe is what the loop reads."""
