"""First schema: what happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
JSON_BODY = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _ledger()
    _metrics_minute()
    _requests()
    _transactions()
    _events()


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("ship", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("good", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("credits_after", sa.BigInteger(), nullable=True),
        sa.Column("behaviour", sa.Text(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_ledger"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_ledger_namespaces", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_namespace_id_at", "ledger", ["namespace_id", "at"])
    op.create_index("ix_ledger_namespace_id_seq", "ledger", ["namespace_id", "seq"])


def _metrics_minute() -> None:
    op.create_table(
        "metrics_minute",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "name", "minute", name="pk_metrics_minute"),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_metrics_minute_namespaces",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ship", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("wait", sa.Double(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=True),
        sa.Column("behaviour", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_requests"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_requests_namespaces", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_requests_namespace_id_queued_at", "requests", ["namespace_id", "queued_at"])


def _transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("ship", sa.Text(), nullable=True),
        sa.Column("waypoint", sa.Text(), nullable=True),
        sa.Column("good", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("price_per_unit", sa.BigInteger(), nullable=True),
        sa.Column("total_price", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_transactions"),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_transactions_namespaces",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_transactions_namespace_id_at", "transactions", ["namespace_id", "at"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("ship_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("namespace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=True),
        sa.Column("body", JSON_BODY, nullable=True),
        sa.PrimaryKeyConstraint("ship_id", "at", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(
            ["ship_id"], ["ship_ids.id"], name="fk_events_ship_ids", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_events_namespaces", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_events_newest",
            "events",
            ["ship_id", sa.text("at DESC")],
            postgresql_include=["kind", "credits"],
        )
