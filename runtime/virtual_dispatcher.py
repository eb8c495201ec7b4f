"""The whole system in one thread and in virtual time: same seed, same run."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fleet.protocol.clock import GameTime
from fleet.runtime.actor import Hang
from fleet.runtime.adversary import Adversary, Attack
from fleet.runtime.cell import Cell, State
from fleet.runtime.clocks import VirtualClock
from fleet.runtime.envelope import Answer, Envelope
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.timers import a_time

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


# An enum's member is looked up by a descriptor: too slow for each message.
RUNNING = State.RUNNING


@dataclass(slots=True)
class _Due:
    call: Callable[[], None] | None

    def cancel(self) -> None:
        self.call = None


class VirtualDispatcher:
    """A run queue and a heap of timers. Bind it to its system before anything is spawned.

    A hang is a handler that returns `Hang(until)`: its actor is busy until then unless the
    watchdog, which looks when the budget is over, fences it.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        shuffle: random.Random | None = None,
        adversary: Adversary | None = None,
    ) -> None:
        self._clock = clock
        self._shuffle = shuffle
        """Picks among ready actors where given; else they take turns in order."""

        self._adversary = adversary

        self._system: ActorSystem | None = None
        self._ready: dict[str, Cell] = {}
        self._live: dict[str, Incarnation] = {}
        self._busy: set[str] = set()
        # When, a serial for those at the same moment, and what: tuples compare in C.
        self._heap: list[tuple[float, int, _Due]] = []
        self._numbers = itertools.count()
        self.steps = 0
        """Messages handled so far."""

    def bind(self, system: ActorSystem) -> None:
        """Take note of the system whose hangs are to be fenced."""
        self._system = system

    # -- the dispatcher's own interface

    def start(self, incarnation: Incarnation) -> None:
        """Start the incarnation as soon as the run queue comes to it."""
        path = incarnation.cell.address.path
        self._live[path] = incarnation
        self._busy.add(path)
        self._push(self._clock.now, lambda: self._first(path, incarnation))

    def _first(self, path: str, incarnation: Incarnation) -> None:
        if self._live.get(path) is incarnation:
            self._after_step(path, incarnation, incarnation.start())

    wakes = True

    def woken(self, cell: Cell) -> None:
        """Put the cell into the run queue."""
        self._ready[cell.address.path] = cell

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call back after virtual seconds."""
        return self._push(self._clock.now + seconds, call)

    def at(self, moment: GameTime, call: Callable[[], None]) -> Callable[[], None]:
        """Call back at a virtual time."""
        return self._push(moment, call)

    def aside(self, call: Callable[[], None]) -> None:
        """Run it: nothing blocks in virtual time."""
        call()

    def stacks(self, cells: Sequence[Cell]) -> list[str]:
        """Tell that there are no threads to look at."""
        return ["(virtual time)"] * len(cells)

    def on_cpu(self, runner: Any) -> float | None:
        """Tell that there is no thread to look at."""
        return None

    def mend(self) -> str:
        """Tell that there is nothing to replace."""
        return ""

    def _push(self, at: float, call: Callable[[], None]) -> Callable[[], None]:
        entry = _Due(call)
        heapq.heappush(self._heap, (max(a_time(at), self._clock.now), next(self._numbers), entry))
        return entry.cancel

    # -- running

    def run_until(self, moment: float) -> None:
        """Run everything that happens up to a virtual time, and stand there."""
        while self._step(moment):
            pass
        self._clock.now = max(self._clock.now, moment)

    def run_for(self, seconds: float) -> None:
        """Run everything that happens in the next virtual seconds."""
        self.run_until(self._clock.now + seconds)

    def run_while(self, condition: Callable[[], bool], *, limit: float) -> bool:
        """Run while the condition holds, `limit` virtual seconds at most; say whether it ended."""
        moment = self._clock.now + limit
        while condition():
            if not self._step(moment):
                self._clock.now = max(self._clock.now, moment)
                return not condition()
        return True

    def _step(self, moment: float) -> bool:
        if self._ready:
            shuffle = self._shuffle
            self._run_one(next(iter(self._ready)) if shuffle is None else self._pick(shuffle))
            return True
        heap = self._heap
        while heap and heap[0][2].call is None:
            heapq.heappop(heap)
        if not heap or heap[0][0] > moment:
            return False
        at, _, due = heapq.heappop(heap)
        self._clock.now = max(self._clock.now, at)
        if due.call is not None:
            due.call()
        return True

    def _pick(self, shuffle: random.Random) -> str:
        return shuffle.choice(list(self._ready))

    def _run_one(self, path: str) -> None:
        cell = self._ready.pop(path)
        incarnation = self._live.get(path)
        if incarnation is None or path in self._busy or cell.state is not RUNNING:
            return
        # It may be told of what waits in lanes, or have been given it already.
        envelope = cell.take(incarnation.number, self._clock.monotonic())
        if envelope is None:
            return
        self.steps += 1
        adversary = self._adversary
        attack = None if adversary is None else adversary.strike(path)
        if attack is None:
            self._after_step(path, incarnation, incarnation.handle(envelope))
        else:
            self._suffer(attack, incarnation, envelope)

    def _suffer(self, attack: Attack, incarnation: Incarnation, envelope: Envelope) -> None:
        """Have something bad happen at the message in hand."""
        path, back = attack.path, self._clock.now + attack.seconds
        match attack.deed:
            case "hang":
                goes_on = incarnation.handle(envelope, busy=Hang(GameTime(back)))
                self._after_step(path, incarnation, goes_on)
            case "late":
                self._away(path, incarnation, back, lambda: incarnation.handle(envelope))
            case "crash":
                self._after_step(path, incarnation, incarnation.crash(envelope))
            case "repeat":
                if isinstance(envelope.message, Answer):
                    incarnation.cell.mailbox.put(envelope)
                self._after_step(path, incarnation, incarnation.handle(envelope))

    def _after_step(self, path: str, incarnation: Incarnation, goes_on: bool) -> None:
        hang = incarnation.hang
        if hang is not None:
            self._hang(path, incarnation, hang.until)
            return
        if not goes_on:
            incarnation.let_go()
        if self._live.get(path) is incarnation:
            if self._busy:
                self._busy.discard(path)
            if not goes_on:
                del self._live[path]
            elif incarnation.cell.mailbox.deliverable:
                self._ready[path] = incarnation.cell

    def _hang(self, path: str, incarnation: Incarnation, until: float) -> None:
        self._away(path, incarnation, until, incarnation.finish)

    def _away(
        self, path: str, incarnation: Incarnation, until: float, back: Callable[[], bool]
    ) -> None:
        """Keep an incarnation busy until it comes back, and look at it when its budget is over."""
        hand, system = incarnation.cell.in_hand, self._system
        self._busy.add(path)

        def look() -> None:
            if system is not None:
                system.fence_overdue()

        if hand is not None:
            self._push(hand.since + hand.budget, look)

        def wake() -> None:
            self._after_step(path, incarnation, back())

        self._push(until, wake)
