"""Whether writing needs more and more memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import psutil

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import both
from fleet.bench.storage_rows import mixed
from fleet.bench.storage_writes import write

CHUNK = 5_000
MEGABYTE = 1 << 20


def memory(plan: Plan) -> Iterator[Figure]:
    """Write a million rows to each database; compare with what the first tenth needed."""
    rows = 50_000 if plan.quick else 1_000_000
    process = psutil.Process()
    with both(plan.folder) as databases:
        for database in databases:
            plan.say(f"{database.name}: {rows:,} rows")
            source = mixed(rows)
            warm = most = 0
            for done in range(0, rows, CHUNK):
                write(database, list(islice(source, CHUNK)))
                used = process.memory_info().rss
                most = max(most, used)
                if done < rows // 10:
                    warm = max(warm, used)
            yield Figure(
                name=f"growth of the writer's RSS over {rows:,} rows, {database.name}",
                value=(most - warm) / MEGABYTE,
                unit="MB",
                reach=at_most(20),
            )
