"""Seeds times arms on two cores, beside plain loops that do nothing but count."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from fleet.bench.figure import Figure, at_least
from fleet.bench.plan import Plan
from fleet.experiment_play import play
from fleet.experiments.outcome import Job
from fleet.experiments.processes import Processes

CORES = 2
SEEDS = (1, 2, 3)
SOURCE = b"""seeds = 3
hours = 2
[[arms]]
name = "plain"
[[arms]]
name = "few"
ships = 10
"""
TURNS = 20_000_000


def count(turns: int) -> int:
    """Keep one core busy without touching memory."""
    found = 0
    for number in range(turns):
        found ^= number
    return found


def arms(plan: Plan) -> Iterator[Figure]:
    """Take what a second core brings to runs, by what it brings to plain loops, in turns."""
    game, rounds = (600.0, 1) if plan.quick else (3_600.0, 3)
    jobs = [
        Job(file="bench.toml", source=SOURCE, arm=arm, seed=seed, seconds=game)
        for arm in ("plain", "few")
        for seed in SEEDS
    ]
    gains: list[float] = []
    loops: list[float] = []
    for _ in range(rounds):
        plan.say("seeds x arms on one core and on two, and plain loops")
        loops.append(_took(lambda: _loops(1)) / _took(lambda: _loops(CORES)))
        gains.append(_took(lambda: _played(jobs, 1)) / _took(lambda: _played(jobs, CORES)))
    what = f"{len(SEEDS)} seeds x 2 arms, {game / 3600:g} game hours each, start"
    shares = [gain / loop for gain, loop in zip(gains, loops, strict=True)]
    yield Figure(
        f"{what}: gain by the second core",
        statistics.median(gains),
        "x",
        at_least(0.92, of="ratio"),
        (min(gains), max(gains)),
        rounds,
        f"two plain CPU loops: {statistics.median(loops):.2f} x",
        statistics.median(shares),
    )


def _took(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _loops(workers: int) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        list(pool.map(count, [TURNS] * 4))


def _played(jobs: list[Job], workers: int) -> None:
    failed = [outcome for outcome in Processes(workers).play(jobs, play) if outcome.failed]
    if failed:
        raise RuntimeError(failed[0].failed)
