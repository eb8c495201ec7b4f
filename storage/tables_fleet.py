"""What the fleet is and intends: agents, ships, cargo, assignments, reservations, contracts."""

from __future__ import annotations

from sqlalchemy import Index, Table

from fleet.storage.columns import (
    METADATA,
    STATE,
    big,
    body,
    child_of,
    flag,
    namespace,
    real,
    text,
    whole,
)

AGENTS = Table(
    "agents",
    METADATA,
    namespace(),
    text("symbol", key=True),
    text("headquarters"),
    text("faction"),
    big("credits"),
    whole("ship_count"),
    real("seen_at"),
    info=STATE,
)

SHIPS = Table(
    "ships",
    METADATA,
    namespace(),
    text("symbol", key=True),
    text("role"),
    text("frame"),
    text("nav_status"),
    text("system"),
    text("waypoint"),
    text("flight_mode"),
    real("arrival", null=True),
    whole("fuel"),
    whole("fuel_capacity"),
    real("cooldown_expiration", null=True),
    whole("cargo_units"),
    whole("cargo_capacity"),
    whole("engine_speed"),
    big("price_paid", null=True),
    text("origin", null=True),
    real("departure", null=True),
    info=STATE,
    # Room for newer versions of a row beside it, so that its index needs no change: while
    # somebody's query runs they are many.
    postgresql_with={"fillfactor": "10"},
)
"""One row per ship: what changes while it works. `origin` and `departure` tell its last flight."""

SHIP_PARTS = Table(
    "ship_parts",
    METADATA,
    namespace(),
    text("ship", key=True),
    text("slot", key=True),
    text("symbol"),
    whole("strength"),
    whole("capacity"),
    real("condition", null=True),
    real("integrity", null=True),
    child_of("ships", ["symbol"], ["ship"]),
    info=STATE,
    sqlite_with_rowid=False,
)
"""Frame, reactor, engine, modules and mounts. `slot` is `frame`, `mount 1` and so on; condition and
integrity go from 1 down to 0."""

SHIP_CARGO = Table(
    "ship_cargo",
    METADATA,
    namespace(),
    text("ship", key=True),
    text("good", key=True),
    whole("units"),
    child_of("ships", ["symbol"], ["ship"]),
    info=STATE,
    sqlite_with_rowid=False,
)

ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    namespace(),
    text("ship", key=True),
    text("behaviour"),
    body("task"),
    whole("version"),
    real("updated_at"),
    info=STATE,
)
"""What each ship is for. Not tied to `ships`: the conductor may assign a ship before it is seen."""

RESERVATIONS = Table(
    "reservations",
    METADATA,
    namespace(),
    text("id", key=True),
    text("kind"),
    text("owner"),
    text("subject"),
    big("amount"),
    body("detail", null=True),
    real("created_at"),
    real("expires_at", null=True),
    real("released_at", null=True),
    Index(None, "namespace_id", "released_at"),
    info=STATE,
)
"""Credits, trades and surveys that one owner holds; open while `released_at` is null."""

EXPERIMENTS = Table(
    "experiments",
    METADATA,
    namespace(),
    text("name", key=True),
    text("status"),
    body("plan"),
    body("result", null=True),
    real("started_at"),
    real("ended_at", null=True),
    info=STATE,
)
"""What was tried on the fleet, and what came of it."""

ALERTS = Table(
    "alerts",
    METADATA,
    namespace(),
    text("id", key=True),
    text("rule"),
    text("subject"),
    text("severity"),
    text("text"),
    body("detail", null=True),
    real("raised_at"),
    real("acknowledged_at", null=True),
    real("resolved_at", null=True),
    Index(None, "namespace_id", "resolved_at"),
    info=STATE,
)
"""What somebody should look at; open while `resolved_at` is null."""

CONTRACTS = Table(
    "contracts",
    METADATA,
    namespace(),
    text("id", key=True),
    text("faction"),
    text("type"),
    flag("accepted"),
    flag("fulfilled"),
    real("deadline_to_accept", null=True),
    real("deadline"),
    big("on_accepted"),
    big("on_fulfilled"),
    body("body"),
    info=STATE,
)
