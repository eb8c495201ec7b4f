"""The ledger of each namespace, as far as it can be checked without the API."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from fleet.storage.ledger import OPENING, RECONCILED
from fleet.storage.namespaces import Namespace, namespaces
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER

IN_FLIGHT = 16
"""Rows among which the newest can be: replies reach the ledger in another order than they left."""


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """One namespace's ledger, as far as it can be checked without the API."""

    namespace: Namespace
    rows: int
    opened: bool
    """Whether there is an opening row; without one the first audit finds all credits missing."""

    balance: int
    told: int | None
    """What the API told last; None if it never did."""

    reconciled: int
    """Credits that only reconciled rows explain."""

    reconciliations: int

    difference: int
    """Credits that the API told of last and no row explains."""


def books(source: Source) -> tuple[Books, ...]:
    """Check every namespace's ledger without the API. Raises StoreUnavailable."""
    return tuple(_books(source, namespace) for namespace in namespaces(source))


def _books(source: Source, namespace: Namespace) -> Books:
    column = LEDGER.c
    mine = column.namespace_id == namespace.id
    with source.reading() as connection:
        kinds = {
            row.kind: row
            for row in connection.execute(
                select(
                    column.kind,
                    func.count().label("rows"),
                    func.coalesce(func.sum(column.delta), 0).label("delta"),
                )
                .where(mine)
                .group_by(column.kind)
            )
        }
        newest = (
            connection.execute(
                select(column.credits_after)
                .where(mine, column.credits_after.is_not(None))
                .order_by(column.seq.desc())
                .limit(IN_FLIGHT)
            )
            .scalars()
            .all()
        )
    balance = int(sum(row.delta for row in kinds.values()))
    told = balance if balance in newest else next(iter(newest), None)
    return Books(
        namespace=namespace,
        rows=sum(row.rows for row in kinds.values()),
        opened=OPENING in kinds,
        balance=balance,
        told=told,
        difference=0 if told is None else told - balance,
        reconciled=int(kinds[RECONCILED].delta) if RECONCILED in kinds else 0,
        reconciliations=kinds[RECONCILED].rows if RECONCILED in kinds else 0,
    )
