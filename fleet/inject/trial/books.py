"""Reads from the fleet's books what the ships of a trial did, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, and_, func, select

from fleet.storage.hours import COUNTED
from fleet.storage.ledger import REQUEST
from fleet.storage.queries import Span
from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER, REQUESTS, TRANSACTIONS

GIVEN_AWAY: Final = frozenset(
    {"deliver-contract", "supply-construction", "jettison", "transfer-cargo"}
)
"""Operations by which goods leave a hold and nobody pays for them at that moment."""


class Deed(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something a ship did that moved credits, or goods without credits."""

    at: float
    ship: str
    operation: str
    good: str = ""
    units: int = 0
    delta: int = 0
    """Credits."""

    market: str = ""
    """Where it was bought or sold."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one ship in one behaviour's name."""

    ship: str
    behaviour: str
    requests: int


def deeds(source: Source, namespace: int, ships: Collection[str], span: Span) -> tuple[Deed, ...]:
    """List what the ships did, oldest first. Raises StoreUnavailable."""
    money, of = LEDGER.c, TRANSACTIONS.c
    # Bought ships are no income of the ship at the yard.
    paid = (
        select(
            money.at, money.ship, money.operation, money.good, money.units, money.delta, of.waypoint
        )
        .join(
            TRANSACTIONS,
            and_(of.namespace_id == money.namespace_id, of.id == money.id),
            isouter=True,
        )
        .where(
            money.namespace_id == namespace,
            money.kind == REQUEST,
            money.operation != "purchase-ship",
            span.covers(money.at),
        )
    )
    given = select(REQUESTS.c.answered_at, REQUESTS.c.ship, REQUESTS.c.operation).where(
        _within(namespace, span),
        REQUESTS.c.operation.in_(sorted(GIVEN_AWAY)),
        REQUESTS.c.outcome == "reply",
    )
    found: list[Deed] = []
    wanted = frozenset(ships)
    with source.reading() as connection:
        for at, ship, operation, good, units, delta, market in connection.execute(paid):
            if ship in wanted:
                found.append(
                    Deed(
                        at=at,
                        ship=ship,
                        operation=operation or "",
                        good=good or "",
                        units=units or 0,
                        delta=int(delta),
                        market=market or "",
                    )
                )
        for at, ship, operation in connection.execute(given):
            if ship in wanted:
                found.append(Deed(at=at or 0.0, ship=ship, operation=operation))
    return tuple(sorted(found))


def sent(
    source: Source, namespace: int, ships: Collection[str], spans: Collection[Span]
) -> Iterator[tuple[Sent, ...]]:
    """Count for each span the requests that were asked for in it. Raises StoreUnavailable."""
    column, wanted = REQUESTS.c, frozenset(ships)
    with source.reading() as connection:
        for span in spans:
            query = (
                select(column.ship, column.behaviour, func.count().label("requests"))
                .where(_within(namespace, span), column.outcome.in_(COUNTED))
                .group_by(column.ship, column.behaviour)
            )
            yield tuple(
                Sent(ship=ship, behaviour=behaviour or "", requests=count)
                for ship, behaviour, count in connection.execute(query)
                if ship in wanted
            )


def _within(namespace: int, span: Span) -> ColumnElement[bool]:
    return and_(REQUESTS.c.namespace_id == namespace, span.covers(REQUESTS.c.queued_at))
