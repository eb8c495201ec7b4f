"""First schema: what the fleet is and intends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
JSON_BODY = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _agents()
    _assignments()
    _contracts()
    _reservations()
    _ships()
    _ship_cargo()


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("headquarters", sa.Text(), nullable=False),
        sa.Column("faction", sa.Text(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("ship_count", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "symbol", name="pk_agents"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_agents_namespaces", ondelete="CASCADE"
        ),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("task", JSON_BODY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "ship", name="pk_assignments"),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_assignments_namespaces",
            ondelete="CASCADE",
        ),
    )


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("faction", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("fulfilled", sa.Boolean(), nullable=False),
        sa.Column("deadline_to_accept", sa.Double(), nullable=True),
        sa.Column("deadline", sa.Double(), nullable=False),
        sa.Column("on_accepted", sa.BigInteger(), nullable=False),
        sa.Column("on_fulfilled", sa.BigInteger(), nullable=False),
        sa.Column("body", JSON_BODY, nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_contracts"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_contracts_namespaces", ondelete="CASCADE"
        ),
    )


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("detail", JSON_BODY, nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("released_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("namespace_id", "id", name="pk_reservations"),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_reservations_namespaces",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_reservations_namespace_id_released_at", "reservations", ["namespace_id", "released_at"]
    )


def _ships() -> None:
    op.create_table(
        "ships",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("nav_status", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("flight_mode", sa.Text(), nullable=False),
        sa.Column("arrival", sa.Double(), nullable=True),
        sa.Column("fuel", sa.Integer(), nullable=False),
        sa.Column("fuel_capacity", sa.Integer(), nullable=False),
        sa.Column("cooldown_expiration", sa.Double(), nullable=True),
        sa.Column("cargo_units", sa.Integer(), nullable=False),
        sa.Column("cargo_capacity", sa.Integer(), nullable=False),
        sa.Column("engine_speed", sa.Integer(), nullable=False),
        sa.Column("price_paid", sa.BigInteger(), nullable=True),
        sa.Column("body", JSON_BODY, nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "symbol", name="pk_ships"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_ships_namespaces", ondelete="CASCADE"
        ),
    )


def _ship_cargo() -> None:
    op.create_table(
        "ship_cargo",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "ship", "good", name="pk_ship_cargo"),
        sa.ForeignKeyConstraint(
            ["namespace_id", "ship"],
            ["ships.namespace_id", "ships.symbol"],
            name="fk_ship_cargo_ships",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_ship_cargo_namespaces", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
