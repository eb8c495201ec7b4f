"""Prices over time, and operations that took long."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from fleet.storage.hours import HOUR, bucket_number
from fleet.storage.queries import EVER, Span
from fleet.storage.reader import Source
from fleet.storage.tables import PRICE_HISTORY, REQUESTS


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a good cost in one bucket of game time; only changes are stored."""

    at: float
    changes: int
    lowest_ask: int
    highest_ask: int
    lowest_bid: int
    highest_bid: int
    volume: int
    """The largest seen, in units per transaction."""


class SlowOperation(msgspec.Struct, frozen=True, kw_only=True):
    """A request after which, or in which, a ship did nothing for long."""

    ship: str | None
    operation: str
    outcome: str
    at: float
    """When it was sent, game time."""

    wait: float | None
    duration: float | None
    since_last: float | None
    """Game seconds since the ship's request before it was answered."""


def price_history(
    source: Source,
    namespace: int,
    market: str,
    good: str,
    *,
    bucket: float = HOUR,
    span: Span = EVER,
) -> tuple[PricePoint, ...]:
    """Tell the range of prices in each bucket in which they changed. Raises StoreUnavailable."""
    column = PRICE_HISTORY.c
    with source.reading() as connection:
        number = bucket_number(connection, column.at, bucket)
        query = (
            select(
                number.label("number"),
                func.count().label("changes"),
                func.min(column.ask).label("lowest_ask"),
                func.max(column.ask).label("highest_ask"),
                func.min(column.bid).label("lowest_bid"),
                func.max(column.bid).label("highest_bid"),
                func.max(column.volume).label("volume"),
            )
            .where(
                column.namespace_id == namespace,
                column.market == market,
                column.good == good,
                span.covers(column.at),
            )
            .group_by(number)
            .order_by(number)
        )
        rows = connection.execute(query).mappings().all()
    return tuple(
        PricePoint(at=row["number"] * bucket, **{k: v for k, v in row.items() if k != "number"})
        for row in rows
    )


def slow_operations(
    source: Source, namespace: int, *, most: int = 20, span: Span = EVER
) -> tuple[SlowOperation, ...]:
    """List the requests that took longest from the ship's last answer to their own.

    Raises StoreUnavailable.
    """
    column = REQUESTS.c
    before = func.lag(column.answered_at).over(partition_by=column.ship, order_by=column.sent_at)
    steps = (
        select(
            column.ship,
            column.operation,
            column.outcome,
            column.sent_at.label("at"),
            column.wait,
            column.duration,
            (column.sent_at - before).label("since_last"),
        )
        .where(column.namespace_id == namespace, span.covers(column.sent_at))
        .subquery()
    )
    took = func.coalesce(steps.c.since_last, 0) + func.coalesce(steps.c.duration, 0)
    query = select(steps).order_by(took.desc(), steps.c.at).limit(most)
    with source.reading() as connection:
        return tuple(SlowOperation(**row._mapping) for row in connection.execute(query))
