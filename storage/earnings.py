"""Who and what earned: by ship, by good, by route."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from fleet.storage.ledger import REQUEST
from fleet.storage.queries import EVER, Span
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER, REQUESTS, TRANSACTIONS


class ShipEarnings(msgspec.Struct, frozen=True, kw_only=True):
    """What one ship brought in, less what it spent."""

    ship: str | None
    delta: int
    """Credits; ships that were bought count with nobody."""

    requests: int
    per_request: float | None
    refusals: int


class GoodEarnings(msgspec.Struct, frozen=True, kw_only=True):
    """What one good brought in."""

    good: str
    bought: int
    """Units."""

    sold: int
    spent: int
    """Credits."""

    earned: int
    delta: int
    paid_per_unit: float | None
    got_per_unit: float | None


class RouteEarnings(msgspec.Struct, frozen=True, kw_only=True):
    """What one good brought in where it was bought, or sold."""

    good: str
    waypoint: str
    type: str
    """PURCHASE or SELL."""

    units: int
    total: int
    """Credits, paid or got."""


def earnings_by_ship(
    source: Source, namespace: int, *, span: Span = EVER
) -> tuple[ShipEarnings, ...]:
    """Sum up each ship's ledger and requests, best first. Raises StoreUnavailable."""
    delta = func.sum(LEDGER.c.delta).label("delta")
    earned = select(LEDGER.c.ship, delta).where(
        LEDGER.c.namespace_id == namespace, LEDGER.c.kind == REQUEST, span.covers(LEDGER.c.at)
    )
    sent = select(
        REQUESTS.c.ship,
        func.count().label("requests"),
        func.sum(case((REQUESTS.c.outcome == "refusal", 1), else_=0)).label("refusals"),
    ).where(REQUESTS.c.namespace_id == namespace, span.covers(REQUESTS.c.queued_at))
    with source.reading() as connection:
        gains = {
            row.ship: int(row.delta) for row in connection.execute(earned.group_by(LEDGER.c.ship))
        }
        counts = {
            row.ship: (row.requests, int(row.refusals))
            for row in connection.execute(sent.group_by(REQUESTS.c.ship))
        }
    found = [
        ShipEarnings(
            ship=ship,
            delta=gains.get(ship, 0),
            requests=counts.get(ship, (0, 0))[0],
            per_request=_ratio(gains.get(ship, 0), counts.get(ship, (0, 0))[0]),
            refusals=counts.get(ship, (0, 0))[1],
        )
        for ship in gains.keys() | counts.keys()
    ]
    return tuple(sorted(found, key=lambda row: (-row.delta, row.ship or "")))


def earnings_by_good(
    source: Source, namespace: int, *, span: Span = EVER
) -> tuple[GoodEarnings, ...]:
    """Sum up what was bought and sold of each good, best first. Raises StoreUnavailable."""
    column = TRANSACTIONS.c

    def total(value: ColumnElement[int], kind: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((column.type == kind, value), else_=0)), 0)

    query = (
        select(
            column.good,
            total(column.units, "PURCHASE").label("bought"),
            total(column.units, "SELL").label("sold"),
            total(column.total_price, "PURCHASE").label("spent"),
            total(column.total_price, "SELL").label("earned"),
        )
        .where(_trades(namespace, span))
        .group_by(column.good)
    )
    with source.reading() as connection:
        rows = connection.execute(query).all()
    found = [
        GoodEarnings(
            good=row.good,
            bought=int(row.bought),
            sold=int(row.sold),
            spent=int(row.spent),
            earned=int(row.earned),
            delta=int(row.earned) - int(row.spent),
            paid_per_unit=_ratio(int(row.spent), int(row.bought)),
            got_per_unit=_ratio(int(row.earned), int(row.sold)),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: (-row.delta, row.good)))


def earnings_by_route(
    source: Source, namespace: int, *, span: Span = EVER
) -> tuple[RouteEarnings, ...]:
    """Sum up the trades of each good at each place, largest first. Raises StoreUnavailable."""
    column = TRANSACTIONS.c
    total = func.sum(column.total_price).label("total")
    query = (
        select(
            column.good, column.waypoint, column.type, func.sum(column.units).label("units"), total
        )
        .where(_trades(namespace, span), column.waypoint.is_not(None))
        .group_by(column.good, column.waypoint, column.type)
        .order_by(total.desc(), column.good, column.waypoint)
    )
    with source.reading() as connection:
        return tuple(
            RouteEarnings(
                good=row.good,
                waypoint=row.waypoint,
                type=row.type,
                units=int(row.units),
                total=int(row.total),
            )
            for row in connection.execute(query)
        )


def _trades(namespace: int, span: Span) -> ColumnElement[bool]:
    column = TRANSACTIONS.c
    return and_(
        column.namespace_id == namespace,
        or_(column.type == "PURCHASE", column.type == "SELL"),
        column.good.is_not(None),
        span.covers(column.at),
    )


def _ratio(one: int, other: int) -> float | None:
    return one / other if other else None
