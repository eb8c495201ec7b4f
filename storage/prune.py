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

    Resets are aged in game seconds before the newest request of the same agent, records before
    that of their own reset: worlds have clocks of their own, and one may be months ahead. None is
    for nothing. An agent's newest reset always stays, and so does the one it came to last.
    Raises StoreUnavailable.
    """
    known = namespaces(store)
    ages = {one.id: last_request(store, one.id) or one.created_at for one in known}
    now: dict[str, float] = {}
    for one in known:
        now[one.agent_symbol] = max(ages[one.id], now.get(one.agent_symbol, ages[one.id]))
    stay = {one.agent_symbol: one.id for one in known}.values()
    latest = {one.agent_symbol: one.id for one in sorted(known, key=lambda one: one.id)}.values()
    old = tuple(
        one
        for one in known
        if resets is not None
        and ages[one.id] < now[one.agent_symbol] - resets
        and one.id not in {*stay, *latest}
    )
    with store.transaction() as connection:
        lift(connection)
        for one in old:
            connection.execute(delete(NAMESPACES).where(NAMESPACES.c.id == one.id))
        kept = [one for one in known if one not in old] if records is not None else []
        gone = {str(table.name): 0 for table, _ in RECORDS if records is not None}
        for one in kept:
            for table, column in RECORDS:
                limit = ages[one.id] - (records or 0.0)
                bound = limit / MINUTE if table is METRICS_MINUTE else limit
                mine = table.c.namespace_id == one.id
                done = connection.execute(delete(table).where(mine, table.c[column] < bound))
                gone[str(table.name)] += int(done.rowcount)
    return Pruned(namespaces=old, rows=gone)
