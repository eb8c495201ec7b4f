"""On PostgreSQL the key of the events covers what is read of them; the other index goes.

That one lacked `seq`, by which equal times are ordered, so that every row was fetched from the
table and sorted all the same.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

SINCE_17 = 170_000


def upgrade() -> None:
    """Replace key and index by one; nothing on SQLite, which keeps the table in the key's order."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # Millions of rows on a small machine take longer than the limits of a usual statement.
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    if int(version) >= SINCE_17:
        connection.exec_driver_sql("SET LOCAL transaction_timeout = 0")
    op.drop_index("ix_events_newest", "events")
    op.execute(
        "ALTER TABLE events DROP CONSTRAINT pk_events, "
        "ADD CONSTRAINT pk_events PRIMARY KEY (ship_id, at, seq) INCLUDE (kind, credits)"
    )
