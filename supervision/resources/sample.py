"""What was measured at one moment; a value is of the process or of an actor, never both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from fleet.protocol.clock import Monotonic

MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of the whole process, in bytes."""

    rss: int
    vms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The process as the system sees it, at any moment."""

    memory: Memory
    computed: float
    """Seconds that all its threads have computed."""

    files: int
    """Open descriptors."""

    threads: int

    def fields(self) -> dict[str, Any]:
        """Render for an event, in megabytes and seconds, with its scope."""
        return {
            "scope": "process",
            "rss_mb": round(self.memory.rss / MB, 2),
            "vms_mb": round(self.memory.vms / MB, 2),
            "cpu_s": round(self.computed, 6),
            "open_files": self.files,
            "threads": self.threads,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSample(Snapshot):
    """One of a row of snapshots, at regular times."""

    at: Monotonic
    cpu: float
    """Percent of one core since the sample before."""

    def fields(self) -> dict[str, Any]:
        """Render for an event, in megabytes, seconds and percent, with its scope."""
        return Snapshot.fields(self) | {"cpu_percent": round(self.cpu, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSample:
    """One actor; times are wall seconds."""

    path: str
    state: str
    incarnation: int
    restarts: int
    handled: int
    depth: int
    """Messages that wait."""

    oldest: float
    """Age of the message that has waited longest, without those that lie in lanes on purpose."""

    waited: float
    """What all messages taken so far have waited in the mailbox, added up."""

    busy: str = ""
    """Type of the message in hand."""

    busy_for: float = 0.0
    cpu: float = 0.0
    """Time that the thread of the live incarnation has computed."""

    def fields(self) -> dict[str, Any]:
        """Render for an event or a page."""
        rounded = {key: round(getattr(self, key), 3) for key in ("oldest", "waited", "cpu")}
        return asdict(self) | rounded | {"busy_for": round(self.busy_for, 3), "scope": "actor"}
