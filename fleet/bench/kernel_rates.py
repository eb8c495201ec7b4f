"""Tell throughput and ask round trips of supervised actors, against stock pykka."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.kernel_contestants import (
    BARE,
    STOCK,
    SUPERVISED,
    Team,
    bare,
    stock,
    stop_stock,
    supervised,
)
from fleet.bench.kernel_stage import kernel_stage, percentile
from fleet.bench.plan import Plan


def tells(plan: Plan) -> Iterator[Figure]:
    """Tell to 1 and to 100 actors."""
    messages, rounds = (20_000, 3) if plan.quick else (100_000, 11)
    for count in (1, 100):
        with kernel_stage() as stage:
            contestants = {SUPERVISED: supervised(stage, count, "tell"), STOCK: stock(count)}
            found = interleaved(
                {name: partial(team.rate, messages) for name, team in contestants.items()}, rounds
            )
            stop_stock()
        mine = found[SUPERVISED]
        yield Figure(
            f"tell throughput, supervised, {count} actor{'s' if count > 1 else ''}",
            mine.median,
            "messages/s",
            at_least(1.5, of="ratio"),
            mine.spread,
            rounds,
            STOCK,
            ratio(mine, found[STOCK]),
        )


def asks(plan: Plan) -> Iterator[Figure]:
    """Ask one actor from a thread that is none, at the median and at the 99th percentile."""
    count, rounds = (500, 3) if plan.quick else (2_000, 25)
    took: dict[str, list[list[float]]] = {SUPERVISED: [], STOCK: [], BARE: []}

    def measure(name: str, team: Team) -> float:
        took[name].append(team.round_trips(count))
        return median(took[name][-1])

    with kernel_stage() as stage:
        contestants = {SUPERVISED: supervised(stage, 1, "ask"), STOCK: stock(1), BARE: bare()}
        interleaved(
            {name: partial(measure, name, team) for name, team in contestants.items()}, rounds
        )
        stop_stock()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        for who in (SUPERVISED, BARE):
            mine = [percentile(run, share) for run in took[who]]
            theirs = [percentile(run, share) for run in took[STOCK]]
            yield Figure(
                f"ask round trip {name}, {who}",
                median(mine),
                "us",
                at_most(0.7, of="ratio") if who == SUPERVISED else None,
                (min(mine), max(mine)),
                rounds,
                STOCK,
                median(a / b for a, b in zip(mine, theirs, strict=True)),
            )
