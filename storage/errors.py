"""What can go wrong while the store is in use; errors of opening it are SetupErrors."""

from __future__ import annotations

from fleet.protocol.errors import FleetError


class StorageError(FleetError):
    """Base class of the store's errors."""


class StoreUnavailable(StorageError):
    """The database did not take the transaction; nothing of it was kept, so it may be retried."""


class LeaseLost(StorageError):
    """Another writer has taken the lease; this one must not write any more."""
