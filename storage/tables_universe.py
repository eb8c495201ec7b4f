"""What the fleet has seen of the universe: systems, markets, shipyards, surveys, construction."""

from __future__ import annotations

from sqlalchemy import Index, Table

from fleet.storage.columns import (
    METADATA,
    RECORD,
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

SYSTEMS = Table(
    "systems",
    METADATA,
    namespace(),
    text("symbol", key=True),
    text("type"),
    whole("x"),
    whole("y"),
    body("factions"),
    real("seen_at"),
    info=STATE,
)

WAYPOINTS = Table(
    "waypoints",
    METADATA,
    namespace(),
    text("symbol", key=True),
    text("system"),
    text("type"),
    whole("x"),
    whole("y"),
    text("orbits", null=True),
    body("orbitals"),
    body("traits"),
    body("modifiers"),
    text("faction", null=True),
    flag("charted"),
    flag("under_construction"),
    real("seen_at"),
    Index(None, "namespace_id", "system"),
    info=STATE,
)
"""`orbitals`, `traits` and `modifiers` are lists of symbols."""

JUMP_GATES = Table(
    "jump_gates",
    METADATA,
    namespace(),
    text("waypoint", key=True),
    body("connections"),
    real("seen_at"),
    info=STATE,
)

MARKETS = Table(
    "markets",
    METADATA,
    namespace(),
    text("waypoint", key=True),
    text("system"),
    body("imports"),
    body("exports"),
    body("exchange"),
    real("seen_at"),
    Index(None, "namespace_id", "system"),
    info=STATE,
)
"""`imports`, `exports` and `exchange` are lists of goods."""

TRADE_GOODS = Table(
    "trade_goods",
    METADATA,
    namespace(),
    text("market", key=True),
    text("good", key=True),
    text("type"),
    whole("ask"),
    whole("bid"),
    whole("volume"),
    text("supply"),
    text("activity", null=True),
    real("seen_at"),
    child_of("markets", ["waypoint"], ["market"]),
    Index(None, "namespace_id", "good"),
    info=STATE,
    sqlite_with_rowid=False,
)
"""Newest prices: we buy at `ask` (the API's purchasePrice) and sell at `bid` (its sellPrice)."""

PRICE_HISTORY = Table(
    "price_history",
    METADATA,
    namespace(),
    text("market", key=True),
    text("good", key=True),
    real("at", key=True),
    big("seq", key=True),
    whole("ask"),
    whole("bid"),
    whole("volume"),
    text("supply"),
    text("activity", null=True),
    info=RECORD,
    sqlite_with_rowid=False,
)
"""Every price seen; the key stores one market's good together, in order of time."""

SHIPYARDS = Table(
    "shipyards",
    METADATA,
    namespace(),
    text("waypoint", key=True),
    text("system"),
    body("ship_types"),
    whole("modification_fee"),
    real("seen_at"),
    Index(None, "namespace_id", "system"),
    info=STATE,
)

SHIPYARD_PRICES = Table(
    "shipyard_prices",
    METADATA,
    namespace(),
    text("shipyard", key=True),
    text("ship_type", key=True),
    whole("price"),
    text("supply", null=True),
    text("activity", null=True),
    real("seen_at"),
    child_of("shipyards", ["waypoint"], ["shipyard"]),
    info=STATE,
    sqlite_with_rowid=False,
)

SURVEYS = Table(
    "surveys",
    METADATA,
    namespace(),
    text("signature", key=True),
    text("waypoint"),
    text("size"),
    body("deposits"),
    real("expires_at"),
    flag("exhausted"),
    real("seen_at"),
    body("body"),
    Index(None, "namespace_id", "waypoint"),
    info=STATE,
)
"""`deposits` is a list of goods; `body` is what the extraction has to send back unaltered."""

CONSTRUCTION = Table(
    "construction",
    METADATA,
    namespace(),
    text("waypoint", key=True),
    flag("complete"),
    body("materials"),
    real("seen_at"),
    info=STATE,
)
"""`materials` is the API's list of goods with units required and fulfilled."""
