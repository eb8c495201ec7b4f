"""How long a thread of this process has been on a CPU, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

TASKS = Path("/proc/self/task")


def seconds_on_cpu(thread: int, tasks: Path = TASKS) -> float | None:
    """Tell it by the thread's native id; None when it has ended, or on another system.

    From `schedstat` in nanoseconds where there is one, else from `stat` in ticks of 10 ms.
    """
    try:
        return int((tasks / str(thread) / "schedstat").read_text("ascii").split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return _by_ticks(tasks / str(thread) / "stat")


def _by_ticks(stat: Path) -> float | None:
    try:
        # The name in the second field may hold blanks and brackets; it ends at the last one.
        fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
    except (OSError, ValueError, IndexError):
        return None
    return (user + system) / os.sysconf("SC_CLK_TCK")
