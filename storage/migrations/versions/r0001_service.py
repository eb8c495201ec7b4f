"""First schema: the storage's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _namespaces()
    _process_epochs()
    _writer_lease()
    _ship_ids()


def _namespaces() -> None:
    op.create_table(
        "namespaces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_symbol", sa.Text(), nullable=False),
        sa.Column("reset_date", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_namespaces"),
        sa.UniqueConstraint(
            "agent_symbol", "reset_date", name="uq_namespaces_agent_symbol_reset_date"
        ),
    )


def _process_epochs() -> None:
    op.create_table(
        "process_epochs",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_process_epochs"),
        sqlite_autoincrement=True,
    )


def _writer_lease() -> None:
    op.create_table(
        "writer_lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_writer_lease"),
    )


def _ship_ids() -> None:
    op.create_table(
        "ship_ids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("namespace_id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ship_ids"),
        sa.UniqueConstraint("namespace_id", "symbol", name="uq_ship_ids_namespace_id_symbol"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_ship_ids_namespaces", ondelete="CASCADE"
        ),
    )
