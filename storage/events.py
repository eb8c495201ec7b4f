"""The newest events of many ships, as quickly as the database can give them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fleet.storage.reader import Source
from fleet.storage.tables import SHIP_IDS


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing that happened to a ship."""

    at: float
    """Game time, seconds."""

    seq: int
    kind: str
    credits: int | None


class ShipEvents(msgspec.Struct, frozen=True, kw_only=True):
    """The newest events of one ship, newest first."""

    ship: str
    events: tuple[Event, ...]


CHUNK = 500
"""Rows that exist as the driver's tuples at once: beyond 700 the garbage collector begins to look
at all of them, again and again, which takes longer than the query.
"""

ONE_SHIP = (
    "SELECT at, seq, kind, credits FROM events WHERE ship_id = {id} "
    "ORDER BY at DESC, seq DESC LIMIT {limit}"
)
"""Served by the key on SQLite, and on PostgreSQL by an index that holds all of it. A window
function over all ships would read their whole histories: fifty times as slow.
"""


AS_JSON = "FORMAT csv, FORCE_QUOTE (kind), ESCAPE '\\', NULL 'null'"
_EVENTS = msgspec.json.Decoder(tuple[Event, ...])


def latest_events(
    source: Source, namespace: int, ships: Sequence[str], *, limit: int
) -> tuple[ShipEvents, ...]:
    """Read up to `limit` events of each ship; ships without any are there too.

    Raises StoreUnavailable.
    """
    with source.reading() as connection:
        known = _ship_ids(connection, namespace, ships)
        found = {ship: _events(connection, known[ship], limit) for ship in known}
    return tuple(ShipEvents(ship=ship, events=found.get(ship, ())) for ship in ships)


def _ship_ids(connection: Connection, namespace: int, ships: Sequence[str]) -> dict[str, int]:
    query = select(SHIP_IDS.c.symbol, SHIP_IDS.c.id).where(
        SHIP_IDS.c.namespace_id == namespace, SHIP_IDS.c.symbol.in_(ships)
    )
    return {row.symbol: row.id for row in connection.execute(query)}


def _events(connection: Connection, ship_id: int, limit: int) -> tuple[Event, ...]:
    # The driver's own cursor: the rows of a chart need nothing that SQLAlchemy adds to each.
    cursor = connection.connection.cursor()
    query = ONE_SHIP.format(id=int(ship_id), limit=int(limit))
    try:
        if connection.dialect.name == "postgresql":
            return _copied(cursor, query)
        return _fetched(cursor, query)
    finally:
        cursor.close()


def _fetched(cursor: Any, query: str) -> tuple[Event, ...]:
    cursor.execute(query)
    found: list[Event] = []
    while rows := cursor.fetchmany(CHUNK):
        found += msgspec.convert(rows, list[Event])
    return tuple(found)


def _copied(cursor: Any, query: str) -> tuple[Event, ...]:
    """Read by COPY, in half the time: its lines are JSON where backslashes escape quotes.

    A kind with control characters is none; then the rows are fetched one by one.
    """
    lines = BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH ({AS_JSON})", lines)
    text = lines.getvalue()
    if text.count(b"\n") != cursor.rowcount:
        # One of them has a line's end within its text.
        return _fetched(cursor, query)
    if not text:
        return ()
    try:
        return _EVENTS.decode(b"[[" + text[:-1].replace(b"\n", b"],[") + b"]]")
    except msgspec.DecodeError:
        return _fetched(cursor, query)
