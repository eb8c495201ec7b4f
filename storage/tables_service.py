"""The storage's own tables: who plays, which ship has which number, who may write."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, UniqueConstraint

from fleet.storage.columns import METADATA, SERVICE, big, body, real, text

NAMESPACES = Table(
    "namespaces",
    METADATA,
    Column("id", Integer, primary_key=True),
    text("agent_symbol"),
    text("reset_date"),
    real("created_at"),
    UniqueConstraint("agent_symbol", "reset_date"),
    info=SERVICE,
)
"""One agent between two resets of the server; every other row belongs to one of them."""

SHIP_IDS = Table(
    "ship_ids",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column(
        "namespace_id", Integer, ForeignKey("namespaces.id", ondelete="CASCADE"), nullable=False
    ),
    text("symbol"),
    UniqueConstraint("namespace_id", "symbol"),
    info=SERVICE,
)
"""A small number per ship for the event history; the empty symbol stands for the fleet itself."""

WRITER_LEASE = Table(
    "writer_lease",
    METADATA,
    text("name", key=True),
    big("epoch"),
    text("owner"),
    info=SERVICE,
)
"""The epoch of the one writer that may write; each new writer counts it up."""

PROCESS_EPOCHS = Table(
    "process_epochs",
    METADATA,
    Column("epoch", Integer, primary_key=True),
    text("owner"),
    real("started_at"),
    info=SERVICE,
    # Without it SQLite hands the highest number out again once its row was deleted.
    sqlite_autoincrement=True,
)
"""One row per start of a runtime process; its number begins every id that the process makes."""

EXPERIMENT_RUNS = Table(
    "experiment_runs",
    METADATA,
    text("experiment", key=True),
    text("arm", key=True),
    big("seed", key=True),
    text("definition"),
    real("seconds"),
    body("metrics"),
    text("digest"),
    real("wall_seconds"),
    text("failed"),
    info=SERVICE,
)
"""Runs of offline experiments, which play universes of their own and belong to no agent."""
