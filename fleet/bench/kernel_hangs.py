"""From a hang's budget to the next message handled by the replacement."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from queue import SimpleQueue
from statistics import median
from typing import Any

from fleet.bench.figure import Figure, at_most
from fleet.bench.kernel_blocks import QUIET, After, Back, Block, Handled, Hanging, Kind, Note
from fleet.bench.kernel_stage import KernelStage, kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import Address

BUDGET = 1.0
"""Wall seconds; the hundredth of a hundred has begun long before the first is over it."""

PATIENCE = 60.0


def hangs(plan: Plan) -> Iterator[Figure]:
    """Measure one hang of each kind, a hundred at once, and ten that spin."""
    idle, runs = (100, 1) if plan.quick else (1_000, 3)
    with kernel_stage() as stage:
        stage.idle(idle)
        for kind in QUIET:
            late = [_late(stage, (kind,)) for _ in range(3 * runs)]
            yield _figure(f"1 hang in {kind}, {idle:,} idle actors beside", late, 25)
        for kind in QUIET:
            late = [_late(stage, (kind,) * 100) for _ in range(runs)]
            yield _figure(f"100 hangs in {kind} at once, {idle:,} idle actors beside", late, 60)
        late = [_late(stage, ("spin",) * 10) for _ in range(runs)]
        yield _figure(f"10 Python spinners at once, {idle:,} idle actors beside", late, 100)


def _figure(what: str, runs: list[list[float]], most: float) -> Figure:
    medians = sorted(median(run) for run in runs)
    name = f"hang to next message handled by the replacement, beyond the budget: {what}"
    return Figure(name, median(medians), "ms", at_most(most), (medians[0], medians[-1]), len(runs))


def _late(stage: KernelStage, kinds: Sequence[Kind]) -> list[float]:
    """Make some actors hang at once; milliseconds beyond the budget, of each."""
    notes: SimpleQueue[Note] = SimpleQueue()
    sink = stage.system.address("/nobody")
    blocks = [Block(kind, BUDGET + 1.0) for kind in kinds]
    hanging = [
        stage.child(
            f"hanging-{stage.system.next_id()}",
            partial(Hanging, number, notes, sink),
            budget=BUDGET,
        )
        for number in range(len(blocks))
    ]
    for address, block in zip(hanging, blocks, strict=True):
        address.tell(block)
        address.tell(After(1))
    since = [_since(stage, address, block) for address, block in zip(hanging, blocks, strict=True)]
    late: list[float] = []
    back = 0
    while len(late) < len(blocks):
        note = notes.get(timeout=PATIENCE)
        if isinstance(note, Handled):
            late.append((note.at - since[note.actor] - BUDGET) * 1000)
        else:
            back += 1
    for block in blocks:
        block.release()
    while back < len(blocks):
        back += isinstance(notes.get(timeout=PATIENCE), Back)
    for address, block in zip(hanging, blocks, strict=True):
        stage.system.stop(address.path)
        block.close()
    return late


def _since(stage: KernelStage, address: Address[Any], block: Block) -> float:
    """Wait until it hangs; tell when the budget of that message began."""
    while not block.begun:
        time.sleep(0.005)
    cell = stage.system.cell(address.path)
    assert cell is not None
    assert cell.in_hand is not None
    return cell.in_hand.since
