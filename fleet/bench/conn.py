"""What connections alone can do: empty requests to a simulator in another process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fleet.bench.figure import Figure
from fleet.bench.interleaved import interleaved
from fleet.bench.matrix import EMPTY, TRANSPORTS, chosen, load
from fleet.bench.plan import Part, Plan
from fleet.bench.sim_process import served, simulator

ROUNDS = 5
CYCLES = 500
BOTS = 10


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure empty requests on each transport, in turns."""
    bots, each = plan.number("bots", BOTS), plan.cycles(CYCLES)
    names = [name for name in chosen(plan.options.get("transport", "all")) if name in TRANSPORTS]
    with served(simulator(plan.folder / "world", "--systems", "1")) as server:
        loads = {name: load(server, name, [[EMPTY]] * bots) for name in names}
        runs = interleaved({name: partial(loads[name].run, each) for name in names}, ROUNDS)
        for name, row in loads.items():
            yield Figure(
                f"conn: empty requests, limits off, {bots} bots, {TRANSPORTS[name].about}",
                runs[name].median,
                "1/s",
                spread=runs[name].spread,
                runs=ROUNDS,
                why=row.wrong,
            )
            row.herd.close()


PARTS: dict[str, Part] = {"empty requests": measure}
