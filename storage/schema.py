"""The version of the tables: found by one plain query, mended by alembic only when it must be."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from fleet.protocol.errors import SetupError
from fleet.storage.errors import reason_of
from fleet.storage.tables import METADATA
from fleet.storage.views import VIEWS

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every migration, oldest first; a test compares it with the files of `migrations/versions`."""

HEAD = REVISIONS[-1]
"""The revision that this version of the fleet reads and writes."""

VERSION_TABLE = "alembic_version"

MIGRATION_LOCK = 0x666C656574
"""PostgreSQL's advisory lock that two starting processes meet at ("fleet" in ASCII)."""


class State(Enum):
    """How a database compares with what this version of the fleet needs."""

    EMPTY = "empty"
    OLD = "old"
    CURRENT = "current"


def revision(connection: Connection) -> str | None:
    """Read the database's revision; None if it holds no tables at all.

    Raises SetupError for a database with tables that are not the fleet's.
    """
    if _has_version(connection):
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        if found is not None:
            return str(found)
    if inspect(connection).get_table_names():
        raise SetupError("The database holds tables of another program; choose another --database.")
    return None


def _has_version(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        query = f"SELECT 1 FROM sqlite_master WHERE name = '{VERSION_TABLE}'"
    else:
        query = f"SELECT to_regclass('{VERSION_TABLE}')"
    return connection.execute(text(query)).scalar() is not None


def compare(found: str | None) -> State:
    """Compare a revision with ours. Raises SetupError for one that this version doesn't know."""
    if found is None:
        return State.EMPTY
    if found not in REVISIONS:
        raise SetupError(
            f"The database has schema {found}, which a newer version of the fleet made; "
            f"this one knows up to {HEAD}: upgrade the fleet or choose another --database."
        )
    return State.CURRENT if found == HEAD else State.OLD


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, in the transaction that the connection is in.

    Raises SetupError if a migration fails; the transaction has to be rolled back then.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    # Another process may have done it while this one waited for the lock.
    found = revision(connection)
    try:
        _bring(connection, compare(found))
    except DatabaseError as error:
        raise SetupError(
            f"The database cannot be upgraded from {found}: {reason_of(error.orig)}."
        ) from error


def _bring(connection: Connection, state: State) -> None:
    if state is State.EMPTY and connection.dialect.name == "sqlite":
        create(connection)
    elif state is not State.CURRENT:
        migrate(connection, HEAD)


def create(connection: Connection) -> None:
    """Make all tables at once: the same as all migrations (tested), and far quicker."""
    METADATA.create_all(connection)
    for view in VIEWS.values():
        connection.exec_driver_sql(view[connection.dialect.name])
    connection.execute(
        text(
            f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
            f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:head)"), {"head": HEAD})


def migrate(connection: Connection, target: str) -> None:
    """Run the migrations up to a revision, in the connection's transaction."""
    # Importing alembic takes longer than opening a database that needs no migration.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
