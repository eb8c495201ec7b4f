"""What recording costs where nothing but its own code runs: in one thread, and without a socket."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from fleet.bench.figure import Figure
from fleet.bench.interleaved import interleaved
from fleet.bench.one_thread import metered, spent_in
from fleet.bench.paced import SPEED, STEP, paced
from fleet.bench.plan import Plan
from fleet.bench.virtual_run import SHIPS
from fleet.quiet_heap import quiet_heap
from fleet.virtual_fleet import VirtualFleet

SCENARIO = "late"
WARM = 600.0
"""Game seconds before the measured ones."""

BLOCK = 50
"""Steps of one fleet, about as many requests; then it is the other's turn."""

BLOCKS = 40


class PacedFleet:
    """A fleet in one thread, played at the pace of one on threads."""

    def __init__(self, folder: Path, record: Path | None = None) -> None:
        """Begin, and play until it goes as it will go on."""
        self._simulator: list[float] = []
        self._fleet = VirtualFleet(
            1,
            folder,
            scenario=SCENARIO,
            ships=SHIPS[SCENARIO],
            change=metered(self._simulator),
            record=record,
        )
        self._fleet.run_for(WARM)

    def play(self) -> float:
        """Play a block; tell the milliseconds of CPU that the actors took per request."""

        def block() -> None:
            paced(BLOCK, lambda: self._fleet.run_for(STEP))

        return spent_in(self._fleet, self._simulator, block).each / 1e3

    def close(self) -> None:
        """Stop it."""
        self._fleet.close()


def recording_floor(plan: Plan, whole: float) -> Iterator[Figure]:
    """Play two fleets in turns, of which one is recorded: both do the same in each block.

    `whole` is what a request costs a runtime on threads without a recording, in milliseconds.
    """
    plan.say(f"two fleets in one thread take turns, {SCENARIO}, at the pace of speed {SPEED:g}")
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2)]
        plain, recorded = map(Path, folders)
        stack.enter_context(quiet_heap())
        pair = {
            "plain": stack.enter_context(closing(PacedFleet(plain))),
            "recorded": stack.enter_context(closing(PacedFleet(recorded, recorded / "recording"))),
        }
        blocks = 4 if plan.quick else BLOCKS
        runs = interleaved({name: fleet.play for name, fleet in pair.items()}, blocks)
    pairs = zip(runs["recorded"].values, runs["plain"].values, strict=True)
    more = statistics.median(mine - theirs for mine, theirs in pairs)
    yield Figure(
        f"recording alone, scenario {SCENARIO}, in one thread at the pace of speed {SPEED:g}: CPU"
        " per request",
        more,
        "ms",
        runs=blocks,
        paired_with=f"a runtime on threads with that and no more to do for it ({whole:.3g} ms)",
        ratio=1 + more / whole,
        bound=True,
    )
