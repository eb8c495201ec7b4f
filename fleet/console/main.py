"""Runs the console: asks, draws, follows the terminal's size, and leaves it as it was."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.live import Live

from fleet.console.picture import render, waiting
from fleet.console.poller import Poller, Seen
from fleet.control.client import ControlClient
from fleet.protocol.errors import SetupError
from fleet.status import Status

TICK_SECONDS = 0.25
"""Most wall seconds between two looks at signals and the terminal's size."""

ANSWER_SECONDS = 3.0
"""Wall seconds that one answer may take."""

PLAIN_SIZE = (80, 24)
"""Columns and lines of a single picture that goes into a file."""


def run(
    data_dir: Path,
    *,
    once: bool = False,
    width: int | None = None,
    height: int | None = None,
    refresh: float = 1.0,
    embedded: bool = False,
    on_tick: Callable[[], None] | None = None,
) -> None:
    """Draw the fleet of a data folder until SIGTERM, SIGINT or the end of the terminal.

    `once` prints a single picture; `width` and `height` replace the terminal's. An `embedded`
    console belongs to the process that started it and ends with it. `on_tick` is called a few
    times a second, for a heartbeat. Has to run in the main thread. Raises SetupError without a
    terminal, and for `once` without a fleet.
    """
    client = ControlClient(data_dir)

    def ask() -> Status:
        status: Status = client.call_for(Status, "status", timeout=ANSWER_SECONDS)
        return status

    if once:
        _print_once(ask(), width, height)
        return
    if not sys.stdout.isatty():
        raise SetupError(
            "The console needs a terminal; use `fleet status`, or `fleet console --once`."
        )

    def measure() -> tuple[int, int]:
        # Not rich's own measure, which believes an exported COLUMNS after each change of size.
        real = os.get_terminal_size(sys.stdout.fileno())
        return width or real.columns or PLAIN_SIZE[0], height or real.lines or PLAIN_SIZE[1]

    with suppress(OSError), _ending() as ending:
        # A terminal that was closed makes every write fail, also those that restore it.
        _Screen(ask, measure, refresh, ending).run(_owner_gone(embedded), on_tick)
    _forget_broken_output()


def _print_once(status: Status, width: int | None, height: int | None) -> None:
    terminal = Console()
    # The prompt takes the terminal's last line.
    room = (terminal.width, terminal.height - 1) if terminal.is_terminal else PLAIN_SIZE
    columns, lines = width or room[0], height or room[1]
    terminal = Console(width=columns, height=lines)
    terminal.print(render(status, columns, lines), height=lines, end="")


class _Screen:
    """The loop of the main thread."""

    def __init__(
        self,
        ask: Callable[[], Status],
        measure: Callable[[], tuple[int, int]],
        refresh: float,
        ending: _Ending,
    ) -> None:
        self._terminal = Console()
        self._measure = measure
        self._ending = ending
        self._changed = threading.Event()
        self._poller = Poller(ask, refresh=refresh, on_change=self._changed.set)

    def run(self, owner_gone: Callable[[], bool], on_tick: Callable[[], None] | None) -> None:
        size = (0, 0)
        live = Live(console=self._terminal, screen=True, auto_refresh=False)
        with live:
            self._poller.start()
            # A terminal that was closed is none any more, and rich writes nothing to it then.
            while not self._ending.asked and self._terminal.is_terminal and not owner_gone():
                if on_tick is not None:
                    on_tick()
                now = self._measure()
                if self._changed.is_set() or now != size:
                    self._changed.clear()
                    size = now
                    self._terminal.size = ConsoleDimensions(*size)
                    live.update(picture(self._poller.seen, *size), refresh=True)
                self._changed.wait(TICK_SECONDS)
            self._poller.stop()


def picture(seen: Seen, width: int, height: int) -> RenderableType:
    """Draw what is known: the last status, with a notice if it is not the fleet's present one."""
    if seen.status is None:
        return waiting(seen.failure or "Asking for its status.", width, height)
    notice = ""
    if seen.failure:
        notice = "the fleet does not answer …" if seen.running else "waiting for the fleet …"
    return render(seen.status, width, height, notice=notice)


class _Ending:
    """Whether a signal has asked for the end."""

    # A plain attribute: an Event's lock may be held by the very thread that the signal stops.
    asked = False

    def ask(self, _: int, __: FrameType | None) -> None:
        self.asked = True


@contextmanager
def _ending() -> Iterator[_Ending]:
    """Notice the signals that ask for the end; they mean what they did before afterwards."""
    ending = _Ending()
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, ending.ask) for number in numbers}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _owner_gone(embedded: bool) -> Callable[[], bool]:
    parent = os.getppid()
    return lambda: embedded and os.getppid() != parent


def _forget_broken_output() -> None:
    """Keep Python from complaining at its end about output that nobody can take any more."""
    stream: TextIO = sys.stdout
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError, io.UnsupportedOperation):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
