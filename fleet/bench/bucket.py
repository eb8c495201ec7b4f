"""`fleet bench bucket`: how much of the allowance is used, in which order, and what it costs."""

from __future__ import annotations

from fleet.bench.bucket_lanes import lanes
from fleet.bench.bucket_virtual import day, hung, spreads
from fleet.bench.bucket_worker import worker
from fleet.bench.plan import Part

PARTS: dict[str, Part] = {
    "day": day,
    "spread": spreads,
    "lanes": lanes,
    "hung": hung,
    "worker": worker,
}
