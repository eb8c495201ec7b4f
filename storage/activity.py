"""When a namespace was last played."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from fleet.storage.namespaces import Namespace
from fleet.storage.reader import Source
from fleet.storage.tables import REQUESTS


def last_request(source: Source, namespace: int) -> float | None:
    """Tell the game time of the newest request; None if there is none. Raises StoreUnavailable."""
    query = select(func.max(REQUESTS.c.queued_at)).filter_by(namespace_id=namespace)
    with source.reading() as connection:
        return connection.execute(query).scalar()


def last_active(source: Source, known: Sequence[Namespace]) -> Namespace:
    """Choose the namespace that was played last; the newest of those that never were."""
    return max(known, key=lambda one: (last_request(source, one.id) or one.created_at, one.id))
