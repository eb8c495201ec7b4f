"""Whether writing needs more and more memory, in a process that does nothing else.

Run as `python -m fleet.bench.storage_memory FOLDER ROWS`; writes what came of it as JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import psutil

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import Database, both
from fleet.bench.storage_elsewhere import Elsewhere, end_in_order, tell
from fleet.bench.storage_rows import mixed
from fleet.bench.storage_writes import write

CHUNK = 5_000
MEGABYTE = 1 << 20
PATIENCE = 600.0


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that were needed beyond what the first tenth of the rows needed, by database."""

    bytes: dict[str, int]


def measure(folder: Path, rows: int) -> Growth:
    """Write so many rows to each database."""
    with both(folder) as databases:
        return Growth(bytes={database.name: _grown(database, rows) for database in databases})


def _grown(database: Database, rows: int) -> int:
    process, source = psutil.Process(), mixed(rows)
    warm = most = 0
    for done in range(0, rows, CHUNK):
        write(database, list(islice(source, CHUNK)))
        used = process.memory_info().rss
        most = max(most, used)
        if done < rows // 10:
            warm = max(warm, used)
    return most - warm


class Growing:
    """Runs `measure` in another process, beside what needs no quiet."""

    def __init__(self, plan: Plan) -> None:
        self.rows = 50_000 if plan.quick else 1_000_000
        folder = plan.folder / "memory"
        folder.mkdir()
        self._process = Elsewhere("fleet.bench.storage_memory", str(folder), str(self.rows))

    def figures(self) -> Iterator[Figure]:
        """Wait for the end, and tell what came of it."""
        found = self._process.outcome(Growth, PATIENCE)
        for name, grown in found.bytes.items():
            yield Figure(
                name=f"growth of the writer's RSS over {self.rows:,} rows, {name}",
                value=grown / MEGABYTE,
                unit="MB",
                reach=at_most(20),
            )

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.end()


if __name__ == "__main__":
    end_in_order()
    tell(measure(Path(sys.argv[1]), int(sys.argv[2])))
