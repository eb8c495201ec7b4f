"""Old resets and old records go when somebody says so; nothing goes by itself."""

from __future__ import annotations

from typing import Protocol

import msgspec
from sqlalchemy import Table, delete

from fleet.storage.activity import last_request
from fleet.storage.lease import Transactional
from fleet.storage.limits import lift
from fleet.storage.namespaces import Namespace, namespaces
from fleet.storage.reader import Source
from fleet.storage.tables import EVENTS, EXTRACTIONS, METRICS_MINUTE, NAMESPACES, PRICE_HISTORY

RECORDS: tuple[tuple[Table, str], ...] = (
    (EVENTS, "at"),
    (PRICE_HISTORY, "at"),
    (EXTRACTIONS, "at"),
    (METRICS_MINUTE, "minute"),
)
"""Tables that grow for ever and that no books depend on, and their time.

Requests, ledger and transactions stay as long as their namespace: the audit adds them up.
"""

MINUTE = 60.0


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What has gone."""

    namespaces: tuple[Namespace, ...]
    rows: dict[str, int]
    """Rows of other namespaces, by table."""


class Prunes(Source, Transactional, Protocol):
    """A Store: what can be read and changed."""


def prune(store: Prunes, *, resets: float | None, records: float | None) -> Pruned:
    """Delete resets that were played last so long ago, and records of the others.

    Both are game seconds before the newest request of the whole database, or None for nothing.
    An agent's newest reset always stays. Raises StoreUnavailable.
    """
    known = namespaces(store)
    ages = {one.id: last_request(store, one.id) or one.created_at for one in known}
    now = max(ages.values(), default=0.0)
    newest = {one.agent_symbol: one.id for one in known}
    old = tuple(
        one
        for one in known
        if resets is not None and ages[one.id] < now - resets and newest[one.agent_symbol] != one.id
    )
    with store.transaction() as connection:
        lift(connection)
        for one in old:
            connection.execute(delete(NAMESPACES).where(NAMESPACES.c.id == one.id))
        gone = {}
        for table, column in RECORDS if records is not None else ():
            limit = now - (records or 0.0)
            bound = limit / MINUTE if table is METRICS_MINUTE else limit
            done = connection.execute(delete(table).where(table.c[column] < bound))
            gone[table.name] = int(done.rowcount)
    return Pruned(namespaces=old, rows=gone)
