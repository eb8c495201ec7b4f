"""Questions of reports and charts, answered by the database and not by reading it all."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, select

from fleet.storage.ledger import REQUEST
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER, REQUESTS


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of game time, in seconds; open where a side is None."""

    since: float | None = None
    until: float | None = None

    def covers(self, column: ColumnElement[float]) -> ColumnElement[bool]:
        """Restrict a query to rows whose time is in the span, its end excluded."""
        sides: list[ColumnElement[bool]] = [column.is_not(None)]
        if self.since is not None:
            sides.append(column >= self.since)
        if self.until is not None:
            sides.append(column < self.until)
        return and_(*sides)


EVER = Span()
"""All of the time there is."""


class CreditsPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The credits at the end of one bucket of time."""

    at: float
    """Start of the bucket, game time."""

    credits: int
    """Opening plus all deltas up to the end of the bucket."""

    delta: int
    """Change within the bucket."""


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """What one behaviour brought in, less what it spent."""

    behaviour: str | None
    delta: int
    rows: int


class OutcomeCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests ended in one way."""

    outcome: str
    count: int
    wait: float | None
    """Mean seconds in the queue."""

    duration: float | None
    """Mean seconds from sending to the answer."""


def credits_over_time(
    source: Source, namespace: int, *, bucket: float, span: Span = EVER
) -> tuple[CreditsPoint, ...]:
    """Tell the credits at the end of each bucket in which they changed.

    `bucket` is seconds of game time. Raises StoreUnavailable.
    """
    points: list[CreditsPoint] = []
    with source.reading() as connection:
        total = _credits_before(connection, namespace, span.since)
        for row in connection.execute(_deltas(connection, namespace, bucket, span)):
            total += int(row.delta)
            start = row.number * bucket
            points.append(CreditsPoint(at=start, credits=total, delta=int(row.delta)))
    return tuple(points)


def _credits_before(connection: Connection, namespace: int, time: float | None) -> int:
    if time is None:
        return 0
    query = select(func.coalesce(func.sum(LEDGER.c.delta), 0)).where(
        LEDGER.c.namespace_id == namespace, LEDGER.c.at < time
    )
    return int(connection.execute(query).scalar_one())


def _deltas(connection: Connection, namespace: int, bucket: float, span: Span) -> Select[int, Any]:
    quotient = LEDGER.c.at / bucket
    # A cast rounds on PostgreSQL and cuts on SQLite, which may be built without floor().
    whole = quotient if connection.dialect.name == "sqlite" else func.floor(quotient)
    number = cast(whole, BigInteger)
    return (
        select(number.label("number"), func.sum(LEDGER.c.delta).label("delta"))
        .where(LEDGER.c.namespace_id == namespace, span.covers(LEDGER.c.at))
        .group_by(number)
        .order_by(number)
    )


def income_by_behaviour(source: Source, namespace: int, *, span: Span = EVER) -> tuple[Income, ...]:
    """Sum up what each behaviour's requests brought in, best first. Raises StoreUnavailable."""
    delta = func.sum(LEDGER.c.delta).label("delta")
    query = (
        select(LEDGER.c.behaviour, delta, func.count().label("rows"))
        .where(
            LEDGER.c.namespace_id == namespace,
            LEDGER.c.kind == REQUEST,
            span.covers(LEDGER.c.at),
        )
        .group_by(LEDGER.c.behaviour)
        .order_by(delta.desc(), LEDGER.c.behaviour)
    )
    with source.reading() as connection:
        return tuple(
            Income(behaviour=row.behaviour, delta=int(row.delta), rows=row.rows)
            for row in connection.execute(query)
        )


def request_outcomes(
    source: Source, namespace: int, *, span: Span = EVER
) -> tuple[OutcomeCount, ...]:
    """Count requests by how they ended, most frequent first. Raises StoreUnavailable."""
    count = func.count().label("count")
    query = (
        select(
            REQUESTS.c.outcome,
            count,
            func.avg(REQUESTS.c.wait).label("wait"),
            func.avg(REQUESTS.c.duration).label("duration"),
        )
        .where(REQUESTS.c.namespace_id == namespace, span.covers(REQUESTS.c.queued_at))
        .group_by(REQUESTS.c.outcome)
        .order_by(count.desc(), REQUESTS.c.outcome)
    )
    with source.reading() as connection:
        return tuple(OutcomeCount(**row._mapping) for row in connection.execute(query))
