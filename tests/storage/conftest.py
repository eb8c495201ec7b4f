"""Stores for the tests, on SQLite and PostgreSQL alike, and rows to put into them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from fleet.protocol.rows import Append, Upsert
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import Lease, acquire
from fleet.storage.namespaces import open_namespace


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database, of each kind in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def copy_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database of one's own with all tables, of each kind in turn."""
    found: str = request.getfixturevalue(f"{request.param}_copy_url")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database that other tests may use too, of each kind in turn."""
    name = "sqlite_copy_url" if request.param == "sqlite" else "postgresql_shared_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    """Open stores that are closed after the test."""
    stores: list[Store] = []

    def open_one(url: str) -> Store:
        stores.append(open_store(url))
        return stores[-1]

    yield open_one
    for store in stores:
        with suppress(Exception):
            store.close()


@pytest.fixture
def store(shared_url: str, opened: Callable[[str], Store]) -> Store:
    """Open a database in which this test's namespace is empty."""
    return opened(shared_url)


@pytest.fixture
def lease(store: Store) -> Lease:
    """Hold the lease of the database."""
    return acquire(store, "test")


@pytest.fixture
def namespace(store: Store) -> int:
    """Make a namespace in the database."""
    return open_namespace(store, f"AGENT-{uuid.uuid4().hex}", "2026-11-01", now=1.0).id


class Samples:
    """Rows as the actors send them."""

    @staticmethod
    def ship(symbol: str, **changes: Any) -> Upsert:
        values: dict[str, Any] = {
            "role": "EXCAVATOR",
            "frame": "FRAME_MINER",
            "nav_status": "DOCKED",
            "system": "X1-AB1",
            "waypoint": "X1-AB1-A1",
            "flight_mode": "CRUISE",
            "arrival": None,
            "fuel": 80,
            "fuel_capacity": 100,
            "cooldown_expiration": None,
            "cargo_units": 0,
            "cargo_capacity": 40,
            "engine_speed": 9,
            "price_paid": None,
            "origin": None,
            "departure": None,
        }
        return Upsert("ships", (symbol,), {**values, **changes})

    @staticmethod
    def cargo(symbol: str, good: str, units: int) -> Upsert:
        return Upsert("ship_cargo", (symbol, good), {"units": units})

    @staticmethod
    def assignment(ship: str, behaviour: str = "mine", task: Any = None) -> Upsert:
        values = {"behaviour": behaviour, "task": task or {}, "version": 1, "updated_at": 1.0}
        return Upsert("assignments", (ship,), values)

    @staticmethod
    def part(ship: str, slot: str, symbol: str) -> Upsert:
        values = {"symbol": symbol, "strength": 5, "capacity": 0}
        wear = {"condition": 1.0, "integrity": 0.5}
        return Upsert("ship_parts", (ship, slot), {**values, **wear})

    @staticmethod
    def alert(name: str, **changes: Any) -> Upsert:
        texts = {"rule": "r", "subject": "s", "severity": "warning", "text": name}
        times = {"raised_at": 1.0, "acknowledged_at": None, "resolved_at": None}
        return Upsert("alerts", (name,), {**texts, **times, "detail": None, **changes})

    @staticmethod
    def market(waypoint: str, *, seen_at: float = 1.0) -> Upsert:
        system = waypoint.rpartition("-")[0]
        lists = {"imports": ["FOOD"], "exports": ["IRON"], "exchange": ["FUEL"]}
        return Upsert("markets", (waypoint,), {"system": system, **lists, "seen_at": seen_at})

    @staticmethod
    def good(waypoint: str, symbol: str, **changes: Any) -> Upsert:
        values: dict[str, Any] = {
            "type": "EXPORT",
            "ask": 12,
            "bid": 10,
            "volume": 60,
            "supply": "MODERATE",
            "activity": None,
            "seen_at": 1.0,
        }
        return Upsert("trade_goods", (waypoint, symbol), {**values, **changes})

    @staticmethod
    def ledger(row_id: str, delta: int, **changes: Any) -> Append:
        return Append("ledger", row_id, {"kind": "request", "delta": delta, "at": 1.0, **changes})

    @staticmethod
    def event(row_id: str, symbol: str | None, **changes: Any) -> Append:
        return Append(
            "events", row_id, {"ship": symbol, "kind": "ship.docked", "at": 1.0, **changes}
        )

    @staticmethod
    def price(row_id: str, waypoint: str, symbol: str, ask: int, at: float) -> Append:
        values = {"market": waypoint, "good": symbol, "at": at, "ask": ask, "bid": ask - 1}
        return Append("price_history", row_id, {**values, "volume": 60, "supply": "SCARCE"})

    @staticmethod
    def request(row_id: str, **changes: Any) -> Append:
        values: dict[str, Any] = {
            "ship": "AGENT-1",
            "operation": "navigate-ship",
            "lane": 1,
            "queued_at": 1.0,
            "outcome": "reply",
        }
        return Append("requests", row_id, {**values, **changes})


@pytest.fixture(scope="session")
def samples() -> type[Samples]:
    """Build rows."""
    return Samples
