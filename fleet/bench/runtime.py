"""`fleet bench runtime`: the kernel against stock pykka, what hangs cost, and fresh processes."""

from __future__ import annotations

from fleet.bench.footprint import footprint
from fleet.bench.guard_recovery import recoveries
from fleet.bench.kernel_campaign import campaign
from fleet.bench.kernel_events import log
from fleet.bench.kernel_hangs import hangs
from fleet.bench.kernel_healthy import healthy
from fleet.bench.kernel_memory import memory
from fleet.bench.kernel_rates import asks, tells
from fleet.bench.plan import Part
from fleet.bench.sampler import sampler

PARTS: dict[str, Part] = {
    "tell": tells,
    "ask": asks,
    "memory": memory,
    "hang": hangs,
    "healthy": healthy,
    "log": log,
    "campaign": campaign,
    "recovery": recoveries,
    "footprint": footprint,
    "sampler": sampler,
}
