"""The writer's lease: only the newest writer may write, and the database itself checks it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, select, text

from fleet.storage.errors import LeaseLost
from fleet.storage.tables import WRITER_LEASE

WRITER = "writer"
"""The lease of a database that only one fleet plays on, or of a tool that changes all of it."""


def lease_name(namespace: int) -> str:
    """Name the lease of a namespace: fleets that share a database each have a writer."""
    return f"{WRITER} {namespace}"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, until somebody else acquires it."""

    epoch: int
    owner: str
    name: str = WRITER


class Transactional(Protocol):
    """Whatever can begin a transaction: a Store."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that commits at the end of its block."""
        ...


def acquire(store: Transactional, owner: str, *, name: str = WRITER) -> Lease:
    """Take the lease from whoever has it. Raises StoreUnavailable.

    A transaction that the former owner is in ends first; what it writes later is refused.
    """
    query = text(
        "INSERT INTO writer_lease (name, epoch, owner) VALUES (:name, 1, :owner) "
        "ON CONFLICT (name) DO UPDATE SET epoch = writer_lease.epoch + 1, owner = excluded.owner "
        "RETURNING epoch"
    )
    with store.transaction() as connection:
        epoch = connection.execute(query, {"name": name, "owner": owner}).scalar_one()
    return Lease(int(epoch), owner, name)


def check(connection: Connection, lease: Lease) -> None:
    """Make sure that the lease is still held, and stays so until the transaction ends.

    Raises LeaseLost.
    """
    query = select(WRITER_LEASE.c.epoch, WRITER_LEASE.c.owner).where(
        WRITER_LEASE.c.name == lease.name
    )
    # FOR SHARE makes the next owner wait for this transaction; SQLite's has the lock already.
    held = connection.execute(query.with_for_update(read=True)).one_or_none()
    if held is None or held.epoch != lease.epoch:
        holder = f"{held.owner} (epoch {held.epoch})" if held else "nobody"
        raise LeaseLost(f"{lease.owner} (epoch {lease.epoch}) lost its lease to {holder}")
