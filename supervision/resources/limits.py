"""From where on a use of resources is worth a word, or a measure."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.protocol.errors import UsageError

GB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLimits:
    """Settings of the resource watch; times in wall seconds, sizes in bytes."""

    period: float = 1.0
    """Between two passes of the sampler."""

    settle: float = 15.0
    """After the start, until use is judged: everything that grows does so at first."""

    cooldown: float = 60.0
    """Between two alarms of the same kind, and between two forced garbage collections."""

    memory_growth: float = 0.5
    """Part of the previous peak by which memory may grow without an alarm."""

    threads_growth: float = 0.2
    threads_step: int = 10
    """A change of the number of threads by this part or this many is an alarm."""

    files_growth: float = 0.5
    files_share: float = 0.8
    """So many more descriptors than at the peak before, or this part of the limit, is one."""

    cpu: float = 80.0
    """Percent of one core which, in `cpu_passes` passes in a row, is an alarm."""

    cpu_passes: int = 3
    mailbox_age: float = 5.0
    """A message that has waited so long in an actor's mailbox is an alarm."""

    warn: int = 1 * GB
    emergency: int = 3 * GB // 2
    critical: int = 2 * GB
    """Resident size from which the fleet is warned, collects garbage, and takes on no new work."""

    def __post_init__(self) -> None:
        """Refuse levels that are not in order. Raises UsageError."""
        if not 0 < self.warn <= self.emergency <= self.critical:
            raise UsageError(
                "The memory levels must rise from warn over emergency to critical; "
                f"{self.warn}, {self.emergency}, {self.critical} do not."
            )
