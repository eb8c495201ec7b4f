"""First schema: what the fleet has seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
JSON_BODY = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _construction()
    _jump_gates()
    _markets()
    _price_history()
    _shipyards()
    _surveys()
    _systems()
    _waypoints()
    _shipyard_prices()
    _trade_goods()


def _construction() -> None:
    op.create_table(
        "construction",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("materials", JSON_BODY, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "waypoint", name="pk_construction"),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_construction_namespaces",
            ondelete="CASCADE",
        ),
    )


def _jump_gates() -> None:
    op.create_table(
        "jump_gates",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("connections", JSON_BODY, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "waypoint", name="pk_jump_gates"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_jump_gates_namespaces", ondelete="CASCADE"
        ),
    )


def _markets() -> None:
    op.create_table(
        "markets",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("imports", JSON_BODY, nullable=False),
        sa.Column("exports", JSON_BODY, nullable=False),
        sa.Column("exchange", JSON_BODY, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "waypoint", name="pk_markets"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_markets_namespaces", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_markets_namespace_id_system", "markets", ["namespace_id", "system"])


def _price_history() -> None:
    op.create_table(
        "price_history",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ask", sa.Integer(), nullable=False),
        sa.Column("bid", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("supply", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "namespace_id", "market", "good", "at", "seq", name="pk_price_history"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_price_history_namespaces",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )


def _shipyards() -> None:
    op.create_table(
        "shipyards",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("ship_types", JSON_BODY, nullable=False),
        sa.Column("modification_fee", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "waypoint", name="pk_shipyards"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_shipyards_namespaces", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_shipyards_namespace_id_system", "shipyards", ["namespace_id", "system"])


def _surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("waypoint", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("deposits", JSON_BODY, nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("exhausted", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("body", JSON_BODY, nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "signature", name="pk_surveys"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_surveys_namespaces", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_surveys_namespace_id_waypoint", "surveys", ["namespace_id", "waypoint"])


def _systems() -> None:
    op.create_table(
        "systems",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("factions", JSON_BODY, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "symbol", name="pk_systems"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_systems_namespaces", ondelete="CASCADE"
        ),
    )


def _waypoints() -> None:
    op.create_table(
        "waypoints",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("orbits", sa.Text(), nullable=True),
        sa.Column("orbitals", JSON_BODY, nullable=False),
        sa.Column("traits", JSON_BODY, nullable=False),
        sa.Column("modifiers", JSON_BODY, nullable=False),
        sa.Column("faction", sa.Text(), nullable=True),
        sa.Column("charted", sa.Boolean(), nullable=False),
        sa.Column("under_construction", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "symbol", name="pk_waypoints"),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_waypoints_namespaces", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_waypoints_namespace_id_system", "waypoints", ["namespace_id", "system"])


def _shipyard_prices() -> None:
    op.create_table(
        "shipyard_prices",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("shipyard", sa.Text(), nullable=False),
        sa.Column("ship_type", sa.Text(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("supply", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "shipyard", "ship_type", name="pk_shipyard_prices"),
        sa.ForeignKeyConstraint(
            ["namespace_id", "shipyard"],
            ["shipyards.namespace_id", "shipyards.waypoint"],
            name="fk_shipyard_prices_shipyards",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_shipyard_prices_namespaces",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )


def _trade_goods() -> None:
    op.create_table(
        "trade_goods",
        sa.Column("namespace_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("ask", sa.Integer(), nullable=False),
        sa.Column("bid", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("supply", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "market", "good", name="pk_trade_goods"),
        sa.ForeignKeyConstraint(
            ["namespace_id", "market"],
            ["markets.namespace_id", "markets.waypoint"],
            name="fk_trade_goods_markets",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name="fk_trade_goods_namespaces",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_trade_goods_namespace_id_good", "trade_goods", ["namespace_id", "good"])
