"""One run of a whole fleet in virtual time, timed."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from fleet.bench.virtual_shares import shares
from fleet.host.tree import Plan as TreePlan
from fleet.novelties import Novelties
from fleet.protocol.fleet import BUCKET
from fleet.protocol.metrics import BucketQuery
from fleet.quiet_heap import quiet_heap
from fleet.virtual_fleet import VirtualFleet

SHIPS: Mapping[str, int] = {"late": 100, "armada": 1_000, "start": 40}
"""The most ships that a fleet of a scenario may own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What a run took, and what it came to."""

    wall: float
    """Seconds, with the making and the closing of the fleet."""

    cpu: float
    """Seconds of processor time of this process, for the same."""

    counted: int
    """Requests that the server counted."""

    messages: int
    digest: str
    rooms: Mapping[str, float]
    """Share of each room in the processor time, in percent; empty unless asked for."""

    net_worth: int

    @property
    def each(self) -> float:
        """Milliseconds of processor time per counted request."""
        return self.cpu / self.counted * 1000 if self.counted else 0.0


def checked(plan: TreePlan) -> TreePlan:
    """Have every reply held against its operation's model, in all fields and words."""
    return replace(plan, worker=replace(plan.worker, novelties=Novelties().look))


def timed(
    scenario: str,
    seconds: float,
    *,
    seed: int = 1,
    check: bool = False,
    look: bool = False,
    latency: float = 0.0,
) -> Timed:
    """Play game seconds of a scenario in a folder of its own and take the time."""
    with tempfile.TemporaryDirectory(prefix="fleet-virtual-") as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        fleet = VirtualFleet(
            seed,
            Path(folder),
            scenario=scenario,
            ships=SHIPS[scenario],
            latency=latency,
            change=checked if check else lambda plan: plan,
        )
        try:
            looking: AbstractContextManager[Counter[str]] = (
                shares() if look else nullcontext(Counter())
            )
            with quiet_heap(), looking as counts:
                fleet.run_for(seconds)
            status = fleet.ask(BUCKET, BucketQuery())
            worth, digest = fleet.net_worth(), fleet.digest()
        finally:
            fleet.close()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    seen = sum(counts.values())
    return Timed(
        wall=wall,
        cpu=cpu,
        counted=status.requests - status.outcomes.get("limited", 0),
        messages=fleet.dispatcher.steps,
        digest=digest,
        rooms={room: 100.0 * count / seen for room, count in sorted(counts.items())},
        net_worth=worth,
    )
