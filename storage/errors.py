"""What can go wrong while the store is in use; errors of opening it are SetupErrors."""

from __future__ import annotations

from fleet.protocol.errors import FleetError


class StorageError(FleetError):
    """Base class of the store's errors."""


class StoreUnavailable(StorageError):
    """The database did not take the transaction; nothing of it was kept, so it may be retried."""


class LeaseLost(StorageError):
    """Another writer has taken the lease; this one must not write any more."""


def reason_of(error: BaseException | None) -> str:
    """Give the first line of what a driver says; the others are hints for people at a prompt."""
    lines = str(error).splitlines() if error else []
    return lines[0].rstrip(". ") if lines else type(error).__name__
