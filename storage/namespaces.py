"""Namespaces: one agent between two resets of the server."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleet.storage.lease import Transactional
from fleet.storage.reader import Source
from fleet.storage.tables import NAMESPACES, PROCESS_EPOCHS


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """One agent between two resets; all its rows carry the id."""

    id: int
    agent_symbol: str
    reset_date: str
    created_at: float
    """Game time, seconds."""


def open_namespace(
    store: Transactional, agent_symbol: str, reset_date: str, *, now: float
) -> Namespace:
    """Find the namespace of an agent, or make it. Raises StoreUnavailable."""
    key = {"agent_symbol": agent_symbol, "reset_date": reset_date}
    with store.transaction() as connection:
        insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        new = insert(NAMESPACES).values(**key, created_at=now).on_conflict_do_nothing()
        connection.execute(new)
        row = connection.execute(select(NAMESPACES).filter_by(**key)).one()
        return Namespace(**row._mapping)


def namespaces(source: Source, agent_symbol: str | None = None) -> tuple[Namespace, ...]:
    """List the namespaces, of one agent or of all, oldest reset first."""
    query = select(NAMESPACES).order_by(NAMESPACES.c.reset_date, NAMESPACES.c.id)
    if agent_symbol is not None:
        query = query.where(NAMESPACES.c.agent_symbol == agent_symbol)
    with source.reading() as connection:
        return tuple(Namespace(**row._mapping) for row in connection.execute(query))


def fresh_epoch(store: Transactional, owner: str, *, now: float) -> int:
    """Hand out a process epoch that no process had before. Raises StoreUnavailable."""
    query = PROCESS_EPOCHS.insert().values(owner=owner, started_at=now)
    with store.transaction() as connection:
        return int(connection.execute(query.returning(PROCESS_EPOCHS.c.epoch)).scalar_one())
