"""On PostgreSQL each ship has room for dozens of versions beside it.

While somebody's query runs, every version stays that has been written since it began. One in
another page than the one before it takes a new entry in the index, for which all the others are
looked at; one beside it takes none. With a fleet's ships this costs some megabytes.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Leave room from now on; ships move as they change. Nothing on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ships SET (fillfactor = 10)")
