"""`fleet bench bucket`: how much of the allowance is used, in which order, and what it costs."""

from __future__ import annotations

from fleet.bench.bucket_floor import floor
from fleet.bench.bucket_http import hour, late
from fleet.bench.bucket_worker import worker
from fleet.bench.plan import Part

PARTS: dict[str, Part] = {
    "late": late,
    "floor": floor,
    "worker": worker,
    "hour": hour,
}
