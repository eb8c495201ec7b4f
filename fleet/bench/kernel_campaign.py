"""A thousand injected hangs: nothing lost, nothing out of order, no late effect, no restart."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from fleet.bench.figure import Figure, within
from fleet.bench.kernel_blocks import After, Block, Handled, Hanging, Kind, Note, Sink
from fleet.bench.kernel_stage import KernelStage, kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import ActorSystem, Address
from fleet.supervision.watchdog import Watchdog, ZombieBudget

BUDGET = 0.3
"""Wall seconds for a message that hangs; the others may wait long among so many spinners."""

BEHIND = 5
"""Messages queued behind each hang."""

QUIET_AT_ONCE, SPINS_AT_ONCE = 48, 16
KINDS: tuple[Kind, ...] = ("sleep", "recv", "lock", "spin")
PATIENCE = 60.0


@dataclass(slots=True)
class Campaign:
    """Drives the hangs from one thread and keeps the books."""

    stage: KernelStage
    held: float
    """Wall seconds from a replacement to the release of what it replaced."""

    todo: dict[bool, deque[Kind]]
    """What is still to be injected; whether it spins."""

    notes: SimpleQueue[Note] = field(default_factory=SimpleQueue)
    workers: list[Address[Any]] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    blocks: dict[int, Block] = field(default_factory=dict)
    """What each busy worker hangs on."""

    sent: dict[int, int] = field(default_factory=dict)
    handled: dict[int, list[int]] = field(default_factory=dict)
    due: list[tuple[float, int, Block]] = field(default_factory=list)
    """When to release what; the number tells apart what is due at the same moment."""

    running: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    came_back: int = 0
    unfenced: int = 0

    def prepare(self, sink: Address[Any]) -> None:
        """Start the workers; one per hang that may be alive at once."""
        for number in range(QUIET_AT_ONCE + SPINS_AT_ONCE):
            address = self.stage.child(
                f"worker-{number}",
                partial(Hanging, number, self.notes, sink),
                budgets={Block: BUDGET},
            )
            self.workers.append(address)
            self.free.append(number)
            self.sent[number], self.handled[number] = 0, []

    def run(self) -> None:
        """Inject, release and take note until every zombie is back."""
        while any(self.todo.values()) or self.blocks or self._behind():
            self._inject()
            self._release()
            self._note()

    def _behind(self) -> bool:
        return any(len(self.handled[worker]) < sent for worker, sent in self.sent.items())

    def _inject(self) -> None:
        for spins, most in ((True, SPINS_AT_ONCE), (False, QUIET_AT_ONCE)):
            while self.todo[spins] and self.running[spins] < most and self.free:
                self.running[spins] += 1
                self._start(self.free.pop(0), self.todo[spins].popleft())

    def _start(self, worker: int, kind: Kind) -> None:
        # A sleep ends by itself: not before the others would be released.
        block = Block(kind, BUDGET + self.held + 0.1)
        self.blocks[worker] = block
        self.workers[worker].tell(block)
        for _ in range(BEHIND):
            self.sent[worker] += 1
            self.workers[worker].tell(After(self.sent[worker]))

    def _release(self) -> None:
        while self.due and self.due[0][0] <= monotonic():
            heapq.heappop(self.due)[2].release()

    def _note(self) -> None:
        wait = self.due[0][0] - monotonic() if self.due else PATIENCE
        try:
            note = self.notes.get(timeout=max(0.001, wait))
        except Empty:
            if not self.due:
                raise
            return
        if isinstance(note, Handled):
            self.handled[note.actor].append(note.number)
            first = note.number % BEHIND == 1
            if first and note.actor in self.blocks:
                block = self.blocks[note.actor]
                heapq.heappush(self.due, (note.at + self.held, id(block), block))
            return
        self.came_back += 1
        self.unfenced += not note.fenced
        block = self.blocks.pop(note.actor)
        self.running[block.kind == "spin"] -= 1
        self.free.append(note.actor)
        block.close()


def campaign(plan: Plan) -> Iterator[Figure]:
    """Inject them all, and read the books."""
    each, held = (4, 0.5) if plan.quick else (250, 10.0)
    plan.say(f"{4 * each} hangs, each released {held:g} s after its replacement")
    over: list[str] = []

    def watchdog(system: ActorSystem) -> Watchdog:
        budget = ZombieBudget(spinners=SPINS_AT_ONCE, zombies=QUIET_AT_ONCE + SPINS_AT_ONCE)
        return Watchdog(system, budget=budget, over_budget=over.append)

    quiet = [kind for kind in KINDS if kind != "spin" for _ in range(each)]
    random.Random(3).shuffle(quiet)
    with kernel_stage(watchdog=watchdog) as stage:
        sink = stage.child("sink", Sink)
        todo: dict[bool, deque[Kind]] = {True: deque(["spin"] * each), False: deque(quiet)}
        driven = Campaign(stage, held, todo)
        driven.prepare(sink)
        driven.run()
        late = sink.ask("how many", timeout=PATIENCE)
    yield from _figures(driven, 4 * each, late, over)


def _figures(driven: Campaign, total: int, late: int, over: list[str]) -> Iterator[Figure]:
    scenario = (
        f"{total:,} injected hangs, a quarter each of sleep, recv, lock, spin; at most"
        f" {SPINS_AT_ONCE} spinners and {QUIET_AT_ONCE} others alive, and no budget for more"
    )
    why = "" if driven.came_back == total else f"{driven.came_back} of {total} zombies came back"
    lost = sum(sent - len(set(driven.handled[w])) for w, sent in driven.sent.items())
    wrong = sum(
        number != place
        for worker in driven.sent
        for place, number in enumerate(driven.handled[worker], 1)
    )
    for name, value in (
        ("messages lost behind a hang", lost),
        ("messages reordered or doubled behind a hang", wrong),
        ("late effects of zombies applied", late + driven.unfenced),
        ("process restarts asked for", len(over)),
    ):
        yield Figure(f"{name}: {scenario}", value, "", within(0, 0), why=why)
