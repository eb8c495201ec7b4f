"""What happened: requests, ledger, transactions, events, metrics."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from fleet.storage.columns import (
    METADATA,
    RECORD,
    STATE,
    big,
    body,
    namespace,
    real,
    text,
    whole,
)

REQUESTS = Table(
    "requests",
    METADATA,
    namespace(),
    text("id", key=True),
    text("ship", null=True),
    text("operation"),
    whole("lane"),
    real("queued_at"),
    real("sent_at", null=True),
    real("answered_at", null=True),
    real("wait", null=True),
    real("duration", null=True),
    whole("status", null=True),
    whole("error_code", null=True),
    text("outcome"),
    big("delta", null=True),
    text("behaviour", null=True),
    Index(None, "namespace_id", "queued_at"),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""One row per request to the API; `wait` and `duration` are seconds, `delta` is credits."""

LEDGER = Table(
    "ledger",
    METADATA,
    namespace(),
    text("id", key=True),
    big("seq"),
    text("kind"),
    text("request_id", null=True),
    text("ship", null=True),
    text("operation", null=True),
    text("good", null=True),
    whole("units", null=True),
    big("delta"),
    big("credits_after", null=True),
    text("behaviour", null=True),
    real("at"),
    Index(None, "namespace_id", "seq"),
    Index(None, "namespace_id", "at"),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""Every change of credits. `request_id` is no foreign key: money does not wait for its request."""

TRANSACTIONS = Table(
    "transactions",
    METADATA,
    namespace(),
    text("id", key=True),
    text("type"),
    text("ship", null=True),
    text("waypoint", null=True),
    text("good", null=True),
    whole("units", null=True),
    big("price_per_unit", null=True),
    big("total_price"),
    real("at"),
    Index(None, "namespace_id", "at"),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""What a ledger row of the same id bought or sold, as the API told it."""

EXTRACTIONS = Table(
    "extractions",
    METADATA,
    namespace(),
    text("id", key=True),
    text("ship"),
    text("waypoint", null=True),
    text("survey", null=True),
    text("good"),
    whole("units"),
    real("at"),
    Index(None, "namespace_id", "waypoint", "at"),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""What a ship got out of an asteroid or a gas giant; its id is the request's. Only a survey tells
the place in its own words; without one it is where the ship was."""

EVENTS = Table(
    "events",
    METADATA,
    Column(
        "ship_id",
        Integer,
        ForeignKey("ship_ids.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    real("at", key=True),
    big("seq", key=True),
    Column(
        "namespace_id", Integer, ForeignKey("namespaces.id", ondelete="CASCADE"), nullable=False
    ),
    text("kind"),
    big("credits", null=True),
    body("body", null=True),
    PrimaryKeyConstraint("ship_id", "at", "seq", postgresql_include=["kind", "credits"]),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""The history of each ship. SQLite clusters it by key; PostgreSQL's key covers what is read."""

METRICS_MINUTE = Table(
    "metrics_minute",
    METADATA,
    namespace(),
    text("name", key=True),
    whole("minute", key=True),
    real("value"),
    info=STATE,
    sqlite_with_rowid=False,
)
"""One figure per minute of game time; `minute` is the game time divided by 60."""
