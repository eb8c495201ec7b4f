"""The two databases that the storage is measured on, each fresh and with all tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet.bench.storage_server import PostgresqlServer, make_database, postgresql_server
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import Lease, acquire
from fleet.storage.location import default_url
from fleet.storage.namespaces import open_namespace

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"

SETTINGS = ("shared_buffers=256MB", "max_wal_size=4GB")
"""For the measured server: memory as a small machine has it; every commit waits for the disk."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database with all tables and one namespace."""

    name: str
    url: str
    store: Store
    lease: Lease
    namespace: int


@contextmanager
def opened(name: str, url: str, *, durable: bool = False) -> Iterator[Database]:
    """Open a database for writing, and close it in the end."""
    store = open_store(url, durable=durable)
    try:
        namespace = open_namespace(store, "BENCH", "2026-11-01", now=1.0).id
        yield Database(name, url, store, acquire(store, "bench"), namespace)
    finally:
        store.close()


@contextmanager
def sqlite(folder: Path, *, durable: bool = False) -> Iterator[Database]:
    """Make a SQLite file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with opened(SQLITE, default_url(folder), durable=durable) as database:
        yield database


@contextmanager
def postgresql(server: PostgresqlServer, name: str = "bench") -> Iterator[Database]:
    """Make a database on a server."""
    with opened(POSTGRESQL, make_database(server.url, name)) as database:
        yield database


@contextmanager
def both(folder: Path) -> Iterator[tuple[Database, Database]]:
    """Make one of each, on a server that is started for it."""
    with (
        postgresql_server(SETTINGS) as server,
        postgresql(server) as there,
        sqlite(folder / "sqlite") as here,
    ):
        yield there, here
