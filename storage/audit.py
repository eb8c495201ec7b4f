"""Does what we wrote down agree with what the API says? A difference is shown, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection, func, select

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.ledger import RECONCILED
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER, SHIP_CARGO, SHIPS

Cargo = Mapping[str, Mapping[str, int]]
"""Units by ship and good."""


class CargoDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One good in one ship's hold of which we wrote down another number."""

    ship: str
    good: str
    stored: int
    actual: int


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the database says against what the API says."""

    namespace: int
    balance: int
    """Opening plus all deltas, in credits."""

    credits: int
    """What the API says."""

    difference: int
    """Credits that the API has and no ledger row tells of; negative if the rows tell too many."""

    missing_ships: tuple[str, ...] = ()
    """The API has them, the database doesn't."""

    extra_ships: tuple[str, ...] = ()
    """The database has them, the API doesn't."""

    cargo: tuple[CargoDifference, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether there is no difference at all."""
        return not (self.difference or self.missing_ships or self.extra_ships or self.cargo)


def balance(source: Source, namespace: int) -> int:
    """Sum up the ledger: opening plus all deltas, in credits. Raises StoreUnavailable."""
    with source.reading() as connection:
        return _balance(connection, namespace)


def audit(
    source: Source,
    namespace: int,
    *,
    credits: int,  # noqa: A002 - the API's word
    ships: Iterable[str],
    cargo: Cargo,
) -> AuditReport:
    """Compare the database with what the API says now. Raises StoreUnavailable.

    `credits`, `ships` and `cargo` are the API's; everything written must be in the database
    already, so flush the writer first.
    """
    actual = set(ships)
    with source.reading() as connection:
        query = select(SHIPS.c.symbol).filter_by(namespace_id=namespace)
        stored = set(connection.execute(query).scalars())
        summed = _balance(connection, namespace)
        return AuditReport(
            namespace=namespace,
            balance=summed,
            credits=credits,
            difference=credits - summed,
            missing_ships=tuple(sorted(actual - stored)),
            extra_ships=tuple(sorted(stored - actual)),
            cargo=_compare_cargo(_stored_cargo(connection, namespace), cargo),
        )


def corrections(report: AuditReport) -> list[Row]:
    """Make the rows that bring ships and cargo to what the API says.

    Ships that are missing are left to whoever knows all of them.
    """
    missing = set(report.missing_ships)
    rows: list[Row] = [Delete("ships", (ship,)) for ship in report.extra_ships]
    gone = set(report.extra_ships)
    for found in report.cargo:
        key = (found.ship, found.good)
        if found.ship in gone or found.ship in missing:
            continue
        if found.actual:
            rows.append(Upsert("ship_cargo", key, {"units": found.actual}))
        else:
            rows.append(Delete("ship_cargo", key))
    return rows


def reconcile(report: AuditReport, *, row_id: str, at: float) -> Append:
    """Make the one ledger row that makes the sum agree with the API again.

    Only for a report whose `difference` isn't 0: otherwise ValueError.
    """
    if not report.difference:
        raise ValueError("there is nothing to reconcile")
    return reconciled(report.credits, report.balance, row_id=row_id, at=at)


def reconciled(credits_told: int, found: int, *, row_id: str, at: float) -> Append:
    """Make the row that brings a ledger with the sum `found` to what the API told."""
    values = {
        "kind": RECONCILED,
        "delta": credits_told - found,
        "credits_after": credits_told,
        "at": at,
    }
    return Append("ledger", row_id, values)


def _balance(connection: Connection, namespace: int) -> int:
    query = select(func.coalesce(func.sum(LEDGER.c.delta), 0)).filter_by(namespace_id=namespace)
    # PostgreSQL adds up to a decimal number.
    return int(connection.execute(query).scalar_one())


def _stored_cargo(connection: Connection, namespace: int) -> dict[tuple[str, str], int]:
    query = select(SHIP_CARGO.c.ship, SHIP_CARGO.c.good, SHIP_CARGO.c.units)
    rows = connection.execute(query.where(SHIP_CARGO.c.namespace_id == namespace))
    return {(row.ship, row.good): row.units for row in rows}


def _compare_cargo(
    stored: Mapping[tuple[str, str], int], cargo: Cargo
) -> tuple[CargoDifference, ...]:
    actual = {(ship, good): units for ship, held in cargo.items() for good, units in held.items()}
    return tuple(
        CargoDifference(
            ship=key[0], good=key[1], stored=stored.get(key, 0), actual=actual.get(key, 0)
        )
        for key in sorted(stored.keys() | actual.keys())
        if stored.get(key, 0) != actual.get(key, 0)
    )
