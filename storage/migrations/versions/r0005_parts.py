"""Parts, extractions, experiments, alerts, traits; ships without the API's whole answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
JSON_BODY = sa.JSON().with_variant(JSONB(), "postgresql")
TRAITS = {"sqlite": "json_each", "postgresql": "jsonb_array_elements_text"}


def upgrade() -> None:
    """Change what is there, and make what is new."""
    _ships()
    _ship_parts()
    _extractions()
    _experiments()
    _alerts()
    op.execute(
        "CREATE VIEW waypoint_traits AS SELECT waypoints.namespace_id, "
        "waypoints.symbol AS waypoint, waypoints.system, trait.value AS trait "
        f"FROM waypoints, {TRAITS[op.get_bind().dialect.name]}(waypoints.traits) AS trait"
    )


def _ships() -> None:
    op.drop_column("ships", "body")
    op.add_column("ships", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("ships", sa.Column("departure", sa.Double(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ships SET (fillfactor = 70)")


def _namespace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["namespace_id"], ["namespaces.id"], name=f"fk_{table}_namespaces", ondelete="CASCADE"
    )


def _ship_parts() -> None:
    op.create_table(
        "ship_parts",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("condition", sa.Double(), nullable=True),
        sa.Column("integrity", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("namespace_id", "ship", "slot", name="pk_ship_parts"),
        sa.ForeignKeyConstraint(
            ["namespace_id", "ship"],
            ["ships.namespace_id", "ships.symbol"],
            name="fk_ship_parts_ships",
            ondelete="CASCADE",
        ),
        _namespace("ship_parts"),
        sqlite_with_rowid=False,
    )


def _extractions() -> None:
    op.create_table(
        "extractions",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("waypoint", sa.Text(), nullable=True),
        sa.Column("survey", sa.Text(), nullable=True),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_extractions"),
        _namespace("extractions"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_extractions_namespace_id_waypoint_at", "extractions", ["namespace_id", "waypoint", "at"]
    )


def _experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("plan", JSON_BODY, nullable=False),
        sa.Column("result", JSON_BODY, nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("namespace_id", "name", name="pk_experiments"),
        _namespace("experiments"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", JSON_BODY, nullable=True),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("resolved_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_alerts"),
        _namespace("alerts"),
    )
    op.create_index("ix_alerts_namespace_id_resolved_at", "alerts", ["namespace_id", "resolved_at"])
