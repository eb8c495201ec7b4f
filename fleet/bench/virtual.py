"""`fleet bench virtual`: a whole fleet in virtual time, how fast it is and that it is the same."""

from __future__ import annotations

from fleet.bench.plan import Part
from fleet.bench.recording import recording
from fleet.bench.virtual_arms import arms
from fleet.bench.virtual_day import armada, day, json
from fleet.bench.virtual_digests import digests
from fleet.bench.virtual_threads import threads

PARTS: dict[str, Part] = {
    "day": day,
    "json": json,
    "armada": armada,
    "digests": digests,
    "arms": arms,
    "threads": threads,
    "recording": recording,
}
