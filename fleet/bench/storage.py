"""`fleet bench storage`: what one writer buys, on both databases."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.bench.plan import Part
from fleet.bench.storage_events import events
from fleet.bench.storage_fleet import armada_connections, fleet_commits
from fleet.bench.storage_latency import latency
from fleet.bench.storage_memory import memory
from fleet.bench.storage_writes import changed_rows, unchanged_rows

PARTS: Mapping[str, Part] = {
    "changed": changed_rows,
    "unchanged": unchanged_rows,
    "latency": latency,
    "memory": memory,
    "events": events,
    "commits": fleet_commits,
    "connections": armada_connections,
}
"""Every part, in the order in which they are measured."""
