"""What can go wrong while the store is in use; errors of opening it are SetupErrors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.protocol.errors import FleetError, PermanentFailure


class StorageError(FleetError):
    """Base class of the store's errors."""


class StoreUnavailable(StorageError):
    """The database did not take the transaction; nothing of it was kept, so it may be retried."""


class StoreTimeout(StoreUnavailable):
    """The database took too long."""


class LeaseLost(StorageError, PermanentFailure):
    """Another writer has taken the lease; this one must not write any more."""


FULL = "the disk is full; make room"
READ_ONLY = "the database is read-only; make it writable"

DAMAGED = "the file is damaged; stop the fleet and put a copy in its place, without -wal and -shm"
NO_DATABASE = "the file is not a SQLite database; choose another --database"
MOVED = "the file was removed or replaced; put it back, or start the fleet anew"

IN_USE = "another program has used the database for too long"

SQLITE_REASONS: Mapping[str, str] = {
    "database or disk is full": FULL,
    "attempt to write a readonly database": READ_ONLY,
    "database is locked": IN_USE,
    "interrupted": "the statement was interrupted",
    "database disk image is malformed": DAMAGED,
    "file is not a database": NO_DATABASE,
}
"""What SQLite says, and what we say."""

POSTGRESQL_REASONS: Mapping[str, str] = {
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": IN_USE,
    "25P03": "the transaction stood still for too long",
    "25P04": "the transaction took too long",
    "53300": "the server takes no more connections",
}
"""By SQLSTATE."""

TIMEOUTS = frozenset({"55P03", "25P03", "25P04"})
STATEMENT_TIMEOUT = "canceling statement due to statement timeout"
"""What tells the server's own end of a statement from somebody's request; both have one code."""


def reason_of(error: BaseException | None) -> str:
    """Say in one line what a driver means; its other lines are hints for people at a prompt."""
    known = POSTGRESQL_REASONS.get(_code(error))
    if known is not None:
        return known
    lines = str(error).splitlines() if error else []
    first = lines[0].rstrip(". ") if lines else type(error).__name__
    return SQLITE_REASONS.get(first, first)


def unavailable(error: BaseException) -> StoreUnavailable:
    """Make our error of the driver's, or of SQLAlchemy's that holds one."""
    driver: Any = getattr(error, "orig", None) or error
    reason = reason_of(driver)
    late = _code(driver) in TIMEOUTS or reason == STATEMENT_TIMEOUT
    return StoreTimeout(reason) if late else StoreUnavailable(reason)


def _code(error: object) -> str:
    return getattr(error, "pgcode", None) or ""
