"""What a healthy actor's askers notice of a hundred hangs."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from time import monotonic, perf_counter

from fleet.bench.figure import Figure, at_most
from fleet.bench.kernel_blocks import QUIET, Block, Hanging, Note
from fleet.bench.kernel_contestants import supervised
from fleet.bench.kernel_stage import KernelStage, kernel_stage, percentile
from fleet.bench.plan import Plan

BUDGET = 1.0
WINDOW = 1.0
ENOUGH = 5_000


def healthy(plan: Plan) -> Iterator[Figure]:
    """Ask for the second that begins when the first of the hangs is over its budget."""
    hangs, runs = (10, 1) if plan.quick else (100, 3)
    with kernel_stage() as stage:
        ask = supervised(stage, 1, "healthy").ask
        found = [_asked(stage, hangs, ask) for _ in range(runs)]
    tails = sorted(percentile(took, 0.99) for took in found)
    least = min(len(took) for took in found)
    yield Figure(
        f"healthy actor's ask p99 during {hangs} simultaneous hangs, the {WINDOW:g} s from the"
        " budget on",
        percentile(tails, 0.5),
        "ms",
        at_most(2.0),
        (tails[0], tails[-1]),
        runs,
        why="" if least >= ENOUGH else f"only {least:,} asks in the window",
    )


def _asked(stage: KernelStage, hangs: int, ask: object) -> list[float]:
    notes: SimpleQueue[Note] = SimpleQueue()
    sink = stage.system.address("/nobody")
    blocks = [Block(QUIET[number % 3], BUDGET + WINDOW + 1.0) for number in range(hangs)]
    hanging = [
        stage.child(
            f"hanging-{stage.system.next_id()}", lambda: Hanging(0, notes, sink), budget=BUDGET
        )
        for _ in blocks
    ]
    for address, block in zip(hanging, blocks, strict=True):
        address.tell(block)
    assert callable(ask)
    while not all(block.begun for block in blocks):
        ask()
    begin = min(block.begun for block in blocks) + BUDGET
    while monotonic() < begin:
        ask()
    took = _window(begin + WINDOW, ask)
    for address, block in zip(hanging, blocks, strict=True):
        block.release()
        stage.system.stop(address.path)
    for _ in blocks:
        notes.get(timeout=60)
    for block in blocks:
        block.close()
    return took


def _window(end: float, ask: object) -> list[float]:
    took = []
    assert callable(ask)
    while monotonic() < end:
        begun = perf_counter()
        ask()
        took.append((perf_counter() - begun) * 1000)
    return took
