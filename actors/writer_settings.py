"""How the writer works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.storage.engine import Store
from fleet.supervision.breaker import BreakerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSettings:
    """Wall seconds throughout."""

    open_store: Callable[[], Store]
    """Opens a store of its own for each incarnation, in the incarnation's thread."""

    namespace: int
    owner: str = "fleet"
    """Who is named as holder of the lease."""

    period: float = 0.25
    """Longest wait of a row for its flush; in virtual time rather 60."""

    most: int = 500
    """Rows of one flush."""

    telemetry: int = 20_000
    """Most messages with telemetry that wait; the oldest are given up beyond it."""

    budget: float = 15.0
    """For one flush: above the time that a busy database may take to refuse."""

    backoff: BreakerSettings = field(
        default_factory=lambda: BreakerSettings(failures=1, reset=0.5, most=10.0)
    )
    """When a database that failed is tried again."""
