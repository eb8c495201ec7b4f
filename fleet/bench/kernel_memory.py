"""Resident memory per actor, each count in a process of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pykka

from fleet.bench.figure import Figure, at_most
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.kernel_contestants import STOCK, SUPERVISED
from fleet.bench.kernel_stage import kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import Actor, Context

FIRST = 50
"""Actors before the first look: what the first ones load is not counted."""


def memory(plan: Plan) -> Iterator[Figure]:
    """Measure at 1,000 and at 5,000 actors."""
    rounds = 1 if plan.quick else 3
    for count in (200,) if plan.quick else (1_000, 5_000):
        found = interleaved(
            {kind: partial(_measured, kind, count) for kind in (SUPERVISED, STOCK)}, rounds
        )
        mine = found[SUPERVISED]
        yield Figure(
            f"memory per supervised actor, {count:,} actors",
            mine.median,
            "KiB RSS",
            at_most(24),
            mine.spread,
            rounds,
            STOCK,
            ratio(mine, found[STOCK]),
        )


class Answering(Actor[Any]):
    """Keeps nothing, so that what is measured is the kernel's."""

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Answer."""
        ctx.reply(message)


class StockAnswering(pykka.ThreadingActor):
    """The same on pykka alone."""

    use_daemon_thread = True

    def on_receive(self, message: Any) -> Any:
        """Answer."""
        return message


def _measured(kind: str, count: int) -> float:
    told = subprocess.run(
        [sys.executable, "-m", "fleet.bench.kernel_memory", kind, str(count)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return float(told.stdout)


def resident() -> float:
    """Tell this process's resident memory in KiB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def per_actor(kind: str, count: int) -> float:
    """Start actors and have each handle a message; KiB that one of them has cost."""
    with kernel_stage() as stage:

        def start(number: int, name: str) -> None:
            for place in range(number):
                if kind == SUPERVISED:
                    stage.child(f"{name}-{place}", Answering).ask(None, timeout=5.0)
                else:
                    StockAnswering.start().ask(None, timeout=5.0)

        start(FIRST, "first")
        before = resident()
        start(count, "then")
        return (resident() - before) / count


if __name__ == "__main__":
    sys.stdout.write(f"{per_actor(sys.argv[1], int(sys.argv[2]))}\n")
    sys.stdout.flush()
    # Thousands of pykka's actors take a second to stop, and nobody waits for them.
    os._exit(0)
