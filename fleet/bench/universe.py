"""The simulator: its economy against real captures, its speed, its size, its memory of itself."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.bench import actions
from fleet.bench.drift import drift
from fleet.bench.figure import Figure
from fleet.bench.kills import kills
from fleet.bench.plan import Part, Plan
from fleet.bench.real_markets import market_states, price_pairs
from fleet.bench.same_world import same_world
from fleet.bench.scale import footprint, ships, systems
from fleet.bench.throughput import throughput


def in_process(plan: Plan) -> Iterator[Figure]:
    """Measure the world without a connection."""
    yield from actions.measure(plan)


PARTS: dict[str, Part] = {
    "prices": price_pairs,
    "states": market_states,
    "drift": drift,
    "http": throughput,
    "in-process": in_process,
    "systems": systems,
    "ships": ships,
    "footprint": footprint,
    "pythons": same_world,
    "kills": kills,
}
