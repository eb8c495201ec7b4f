"""`fleet bench storage`: what one writer buys, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fleet.bench.figure import Figure
from fleet.bench.plan import Part, Plan
from fleet.bench.storage_events import events
from fleet.bench.storage_fleet import armada_connections, fleet_commits
from fleet.bench.storage_latency import latency
from fleet.bench.storage_outage import Outage
from fleet.bench.storage_reader import reader
from fleet.bench.storage_writes import changed_rows, unchanged_rows

BESIDE: Mapping[str, Part] = {"latency": latency, "reader": reader, "events": events}
"""Measured while a database is away: its writer has hardly anything to do, for five minutes."""


def outage(plan: Plan) -> Iterator[Figure]:
    """Take a database away for minutes, and measure others meanwhile."""
    away = Outage(plan)
    try:
        for name, part in BESIDE.items():
            folder = plan.folder / name
            folder.mkdir()
            yield from part(replace(plan, folder=folder))
        plan.say("waiting for the end of the outage")
        yield from away.figures()
    finally:
        away.end()


PARTS: Mapping[str, Part] = {
    "changed": changed_rows,
    "unchanged": unchanged_rows,
    "commits": fleet_commits,
    "connections": armada_connections,
    "outage": outage,
}
"""Every part, in the order in which they are measured."""
