"""How a fleet did, by buckets of game time: credits per hour and per request, and saturation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, case, cast, func, select

from fleet.storage.ledger import REQUEST
from fleet.storage.queries import EVER, Span
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER, REQUESTS

HOUR = 3600.0

COUNTED = ("reply", "refusal")
"""Outcomes that count as requests: those that the server worked on (2xx to 4xx but 429)."""


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of game time."""

    at: float
    """Its start, game time."""

    credits: int
    """Credits gained by requests, less what they cost; ships bought are left out."""

    spent_on_ships: int
    requests: int
    """Answered by the game."""

    limited: int
    """429s."""

    refusals: int
    per_hour: float
    """Credits per hour of game time."""

    per_request: float | None


class Saturation(msgspec.Struct, frozen=True, kw_only=True):
    """How much more the ships wanted than the allowance gives, in one bucket of game time."""

    at: float
    requests: int
    seconds_per_request: float | None
    """Game seconds from one request to the next."""

    wait: float | None
    """Mean game seconds in the queue."""

    longest_wait: float | None
    duration: float | None
    """Mean game seconds from sending to the answer."""


def hours(
    source: Source, namespace: int, *, bucket: float = HOUR, span: Span = EVER
) -> tuple[Hour, ...]:
    """Tell credits and requests of each bucket in which there were any.

    `bucket` is seconds of game time. Raises StoreUnavailable.
    """
    with source.reading() as connection:
        money = _money(connection, namespace, bucket, span)
        sent = _sent(connection, namespace, bucket, span)
    return tuple(
        Hour(
            at=number * bucket,
            credits=money.get(number, (0, 0))[0],
            spent_on_ships=-money.get(number, (0, 0))[1],
            requests=sent.get(number, (0, 0, 0))[0],
            limited=sent.get(number, (0, 0, 0))[1],
            refusals=sent.get(number, (0, 0, 0))[2],
            per_hour=money.get(number, (0, 0))[0] * HOUR / bucket,
            per_request=_ratio(money.get(number, (0, 0))[0], sent.get(number, (0, 0, 0))[0]),
        )
        for number in sorted(money.keys() | sent.keys())
    )


def _money(
    connection: Connection, namespace: int, bucket: float, span: Span
) -> dict[int, tuple[int, int]]:
    ship = LEDGER.c.operation == "purchase-ship"
    number = bucket_number(connection, LEDGER.c.at, bucket)
    query = (
        select(
            number.label("number"),
            func.sum(case((ship, 0), else_=LEDGER.c.delta)).label("credits"),
            func.sum(case((ship, LEDGER.c.delta), else_=0)).label("ships"),
        )
        .where(
            LEDGER.c.namespace_id == namespace, LEDGER.c.kind == REQUEST, span.covers(LEDGER.c.at)
        )
        .group_by(number)
    )
    return {row.number: (int(row.credits), int(row.ships)) for row in connection.execute(query)}


def _sent(
    connection: Connection, namespace: int, bucket: float, span: Span
) -> dict[int, tuple[int, int, int]]:
    number = bucket_number(connection, REQUESTS.c.sent_at, bucket)
    outcome = REQUESTS.c.outcome
    query = (
        select(
            number.label("number"),
            func.sum(case((outcome.in_(COUNTED), 1), else_=0)).label("requests"),
            func.sum(case((outcome == "limited", 1), else_=0)).label("limited"),
            func.sum(case((outcome == "refusal", 1), else_=0)).label("refusals"),
        )
        .where(REQUESTS.c.namespace_id == namespace, span.covers(REQUESTS.c.sent_at))
        .group_by(number)
    )
    return {
        row.number: (int(row.requests), int(row.limited), int(row.refusals))
        for row in connection.execute(query)
    }


def saturation(
    source: Source, namespace: int, *, bucket: float = HOUR, span: Span = EVER
) -> tuple[Saturation, ...]:
    """Tell how long requests waited in each bucket. Raises StoreUnavailable."""
    column = REQUESTS.c
    with source.reading() as connection:
        number = bucket_number(connection, column.sent_at, bucket)
        query = (
            select(
                number.label("number"),
                func.count().label("requests"),
                func.avg(column.wait).label("wait"),
                func.max(column.wait).label("longest_wait"),
                func.avg(column.duration).label("duration"),
                func.min(column.sent_at).label("first"),
                func.max(column.sent_at).label("last"),
            )
            .where(column.namespace_id == namespace, span.covers(column.sent_at))
            .group_by(number)
            .order_by(number)
        )
        rows = connection.execute(query).all()
    return tuple(
        Saturation(
            at=row.number * bucket,
            requests=row.requests,
            seconds_per_request=_ratio(row.last - row.first, row.requests - 1),
            wait=row.wait,
            longest_wait=row.longest_wait,
            duration=row.duration,
        )
        for row in rows
    )


def uptime(source: Source, namespace: int, *, gap: float = 600.0, span: Span = EVER) -> float:
    """Tell the game seconds in which the fleet played: pauses longer than `gap` are left out.

    Raises StoreUnavailable.
    """
    column = REQUESTS.c
    with source.reading() as connection:
        number = bucket_number(connection, column.sent_at, gap)
        query = (
            select(func.min(column.sent_at).label("first"), func.max(column.sent_at).label("last"))
            .where(column.namespace_id == namespace, span.covers(column.sent_at))
            .group_by(number)
            .order_by(number)
        )
        rows = connection.execute(query).all()
    played = sum(row.last - row.first for row in rows)
    pairs = pairwise(rows)
    pauses = (after.first - before.last for before, after in pairs)
    return float(played + sum(pause for pause in pauses if pause <= gap))


def bucket_number(
    connection: Connection, time: ColumnElement[Any], bucket: float
) -> ColumnElement[int]:
    """Number the buckets of a time; the same on both databases."""
    quotient = time / bucket
    # A cast rounds on PostgreSQL and cuts on SQLite, which may be built without floor().
    whole = quotient if connection.dialect.name == "sqlite" else func.floor(quotient)
    return cast(whole, BigInteger)


def _ratio(one: float, other: float) -> float | None:
    return one / other if other > 0 else None
