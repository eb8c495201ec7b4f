"""How the writer works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fleet.storage.engine import Store
from fleet.supervision.breaker import BreakerSettings
from fleet.supervision.resources.belongings import Belongings

PERIOD: Final = 0.25
"""Wall seconds from one flush to the next, unless settings tell otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSettings:
    """Wall seconds throughout."""

    open_store: Callable[[], Store]
    """Opens a store of its own for each incarnation, in the incarnation's thread."""

    namespace: int
    owner: str = "fleet"
    """Who is named as holder of the lease."""

    outbox: Path | None = None
    """File for rows of the ledger while the database is away; without one they wait in memory."""

    period: float = PERIOD
    """From one transaction to the next, whatever waits; in virtual time rather 60."""

    most: int = 10_000
    """Rows of one transaction; after an outage several follow each other."""

    telemetry: int = 20_000
    """Most messages with telemetry that wait; the oldest are given up beyond it."""

    bound: int = 500_000
    """Most messages that wait at all; further ones become dead letters."""

    spill: float = 1.0
    """While the database is away, rows of the ledger wait in memory no longer than this."""

    slow: float = 5.0
    """A transaction that takes longer is told of."""

    budget: float = 15.0
    """For one flush: above the time that a busy database may take to refuse."""

    belongings: Belongings | None = None
    """Where the open store is registered, to be cleaned up after a failure."""

    backoff: BreakerSettings = field(
        default_factory=lambda: BreakerSettings(failures=1, reset=0.5, most=5.0)
    )
    """When a database that failed is tried again."""
