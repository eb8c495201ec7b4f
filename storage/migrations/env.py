"""Runs migrations on the connection that `fleet.storage.schema` hands over."""

from __future__ import annotations

from alembic import context

from fleet.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a column by copying its table; batch operations do that.
    render_as_batch=True,
    # The caller's transaction holds all migrations: either all of them happen, or none.
    transactional_ddl=True,
)
context.run_migrations()
