"""The runs of an experiment as a table for other programs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

from fleet.experiments.outcome import Outcome


def write_csv(outcomes: Sequence[Outcome], out: TextIO) -> None:
    """Write one row per run, by seed and arm, with a column for each figure that any run has."""
    names = sorted({name for one in outcomes for name in one.metrics})
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["arm", "seed", *names, "digest", "wall_seconds", "failed"])
    for one in sorted(outcomes, key=lambda one: (one.seed, one.arm)):
        figures = [one.metrics.get(name, "") for name in names]
        row = [one.arm, one.seed, *figures, one.digest, f"{one.wall_seconds:.3f}", one.failed]
        table.writerow(row)
