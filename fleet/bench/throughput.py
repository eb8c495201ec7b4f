"""How many requests one simulator process answers over HTTP, beside an empty Starlette route."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence

from fleet.bench.crowd_play import SPEED, Step
from fleet.bench.driver import Driven, Recording, drive
from fleet.bench.figure import Figure, at_least
from fleet.bench.interleaved import Runs, interleaved, ratio
from fleet.bench.plan import Plan
from fleet.bench.sim_process import Served, crowd_plays, served, simulator

CONNECTIONS = 16
RUNS = 5
ROUNDS = 5
"""Rounds of the crowd in each run, some 4,000 requests each."""

MOST_BUSY = 0.8
LEAST_RATE = 5_000
LEAST_RATIO = 0.35
EMPTY = Step("GET", "/")


def throughput(plan: Plan) -> Iterator[Figure]:
    """Replay the crowd's play against the simulator and the empty route in turns."""
    options = ("--scenario", "crowd", "--systems", "1", "--speed", str(SPEED))
    empty_app = [sys.executable, "-m", "fleet.bench.empty_app"]
    with (
        served(simulator(plan.folder / "world", *options)) as world,
        served(empty_app) as empty,
    ):
        play = dealt(crowd_plays(world))
        total = sum(map(len, play)) // CONNECTIONS
        rounds = 1 if plan.quick else ROUNDS
        drivers = {
            "crowd": Driver(plan, world, play, rounds),
            "empty": Driver(plan, empty, [[EMPTY] * total] * CONNECTIONS, rounds),
        }
        runs = interleaved({name: row.run for name, row in drivers.items()}, RUNS)
    yield from figures(drivers, runs)


class Driver:
    """Replays one recording, and keeps what came of each run."""

    def __init__(
        self, plan: Plan, server: Served, connections: list[list[Step]], rounds: int
    ) -> None:
        self._folder = plan.folder
        self._recording = Recording(*server.address, connections, rounds)
        self.done: list[Driven] = []

    def run(self) -> float:
        """Replay once; tell the requests per second."""
        self.done.append(drive(self._recording, self._folder))
        return self.done[-1].rate

    @property
    def busy(self) -> float:
        """Share of one core that the driver used."""
        return statistics.median(row.busy for row in self.done)

    @property
    def wrong(self) -> str:
        """Tell the first answer that was not what it should be."""
        return next((text for row in self.done for text in row.wrong), "")


def dealt(plays: Sequence[Sequence[Step]]) -> list[list[Step]]:
    """Deal the agents to the connections; those of one take turns, step by step."""
    each = len(plays) // CONNECTIONS
    hands = [plays[at * each : (at + 1) * each] for at in range(CONNECTIONS)]
    return [[step for turn in zip(*hand, strict=True) for step in turn] for hand in hands]


def figures(drivers: dict[str, Driver], runs: dict[str, Runs]) -> Iterator[Figure]:
    """Write the rate, its ratio to the empty route, and how busy the driver was."""
    why = drivers["crowd"].wrong or drivers["empty"].wrong
    for name, row in drivers.items():
        yield Figure(f"driver of {name}: share of a core", row.busy, "")
        if row.busy > MOST_BUSY:
            why = why or f"the driver of {name} was {row.busy:.0%} busy, more than {MOST_BUSY:.0%}"
    crowd, empty = runs["crowd"], runs["empty"]
    about = f"HTTP, one process, scenario crowd, limits off, keep-alive x {CONNECTIONS}"
    yield Figure(
        f"{about}: requests",
        crowd.median,
        "1/s",
        at_least(LEAST_RATE),
        spread=crowd.spread,
        runs=RUNS,
        why=why,
    )
    yield Figure(
        f"{about}: beside an empty route",
        crowd.median,
        "1/s",
        at_least(LEAST_RATIO, of="ratio"),
        spread=crowd.spread,
        runs=RUNS,
        paired_with=f"an empty Starlette route ({empty.median:,.0f}/s)",
        ratio=ratio(crowd, empty),
        why=why,
    )
