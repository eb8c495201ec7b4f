"""What runs incarnations and timers: threads, or one thread in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from fleet.protocol.clock import GameTime
from fleet.runtime.cell import Cell
from fleet.runtime.incarnation import Incarnation


class Cancel(Protocol):
    """Forgets a call that was put off."""

    def __call__(self) -> None:
        """Forget it; nothing happens when it has run."""
        ...


class Dispatcher(Protocol):
    """Gives actors a thread of execution, and calls back later."""

    wakes: bool
    """Whether it has to be told what came into mailboxes; else their bells wake the threads."""

    def start(self, incarnation: Incarnation) -> None:
        """Run an incarnation until it ends."""
        ...

    def woken(self, cell: Cell) -> None:
        """Take note that something was put into a mailbox."""
        ...

    def after(self, seconds: float, call: Callable[[], None]) -> Cancel:
        """Call back after wall seconds."""
        ...

    def at(self, moment: GameTime, call: Callable[[], None]) -> Cancel:
        """Call back at a game time."""
        ...

    def aside(self, call: Callable[[], None]) -> None:
        """Run something that may block, where it holds nobody up."""
        ...

    def stacks(self, cells: Sequence[Cell]) -> list[str]:
        """Show where the last incarnation of each stands; empty where it cannot be told."""
        ...

    def on_cpu(self, runner: Any) -> float | None:
        """Tell the seconds that an incarnation's thread has spent on a CPU, if there is one."""
        ...

    def mend(self) -> str:
        """Replace what hangs of its own; say why the process needs a new start, if it does.

        Called at each look of the watchdog, in its thread. Raises RuntimeError when no thread is
        to be had for it.
        """
        ...
