"""Incarnations that were cut off in the middle of a message and have not come back.

Their threads cannot be ended. One that waits costs a few KiB; one that computes takes the
interpreter from everybody else, so the two are told apart by the time they spend on a CPU.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fleet.protocol.clock import Monotonic

SPINS_FROM = 0.015
"""Share of a CPU above which a zombie spins: fifty that share the interpreter have more."""

LOOK_EVERY = 0.05
"""Wall seconds between two looks at one that spins, or was never looked at."""

LOOK_AGAIN = 1.0
"""Wall seconds between two looks at one that waits: it may come back and compute."""


@dataclass(slots=True, eq=False)
class Zombie:
    """One such incarnation."""

    path: str
    number: int
    runner: Any
    """The dispatcher's handle of its thread."""

    looked: Monotonic | None = None
    on_cpu: float | None = None
    """Seconds that its thread had spent on a CPU at that look, if that could be told."""

    spins: bool | None = None
    """None until two looks have told."""


class Zombies:
    """Counts them. Cells add and discard from any thread; the watchdog alone looks."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Zombie] = {}
        # The watchdog lists them while threads come back.
        self._guard = threading.Lock()

    def add(self, path: str, number: int, runner: Any) -> None:
        """Take note of an incarnation that was cut off."""
        with self._guard:
            self._known[path, number] = Zombie(path, number, runner)

    def discard(self, path: str, number: int) -> bool:
        """Take note that one has come back; False when it wasn't known."""
        with self._guard:
            return self._known.pop((path, number), None) is not None

    @contextmanager
    def held(self, zombie: Zombie) -> Iterator[bool]:
        """Tell whether one has not come back; it cannot do so before this ends."""
        with self._guard:
            yield self._known.get((zombie.path, zombie.number)) is zombie

    def all(self) -> list[Zombie]:
        """List them, oldest first; a copy."""
        with self._guard:
            return list(self._known.values())

    def look(self, now: Monotonic, on_cpu: Callable[[Any], float | None]) -> None:
        """Sample those that are due. `on_cpu` tells a runner's seconds on a CPU, if it can."""
        for zombie in self.all():
            looked, before = zombie.looked, zombie.on_cpu
            pause = LOOK_AGAIN if zombie.spins is False else LOOK_EVERY
            if looked is not None and now < looked + pause:
                continue
            spent = on_cpu(zombie.runner)
            if spent is None:
                zombie.spins = False
            elif looked is not None and before is not None:
                computes = spent - before > SPINS_FROM * (now - looked)
                # On a busy machine one that computes may not come to a CPU for so long.
                if zombie.spins and not computes and now < looked + LOOK_AGAIN:
                    continue
                zombie.spins = computes
            zombie.looked, zombie.on_cpu = now, spent

    @property
    def spinners(self) -> int:
        """Count those that are known to compute."""
        return sum(zombie.spins is True for zombie in self.all())

    @property
    def may_spin(self) -> bool:
        """Whether one computes, or was not looked at twice yet."""
        return any(zombie.spins is not False for zombie in self.all())

    def __len__(self) -> int:
        return len(self._known)
