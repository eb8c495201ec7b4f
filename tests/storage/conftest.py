"""Databases for the tests: a SQLite file each, and one PostgreSQL server per session if found."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from fleet.protocol.rows import Append, Upsert
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import Lease, acquire
from fleet.storage.namespaces import open_namespace

INSTALLED = Path("/usr/lib/postgresql")
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=20")


def _binaries() -> Path | None:
    found = [path for path in INSTALLED.glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: float(path.parent.name), default=None)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the URL of a server's maintenance database, of our own server or a given one."""
    if given := os.environ.get("FLEET_TEST_DSN"):
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: neither FLEET_TEST_DSN nor an installed server")
    # PostgreSQL refuses to run as root, and pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="fleet-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "--no-sync", "-D", data, "-U", "fleet", "-A", "trust", "-E", "UTF8"],
        check=True,
        user=user,
        cwd=folder,
        capture_output=True,
    )
    options = [part for setting in SETTINGS for part in ("-c", setting)]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-k", folder, *options],
        user=user,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    ready = threading.Event()
    log = threading.Thread(target=_follow, args=(server, ready), daemon=True)
    log.start()
    try:
        assert ready.wait(30), "PostgreSQL did not start"
        yield f"postgresql+psycopg2://fleet@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(30)
        log.join(30)
        assert server.stderr is not None
        server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _follow(server: subprocess.Popen[str], ready: threading.Event) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        if "ready to accept connections" in line:
            ready.set()


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"fleet_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_shared_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with all tables, and other tests' namespaces."""
    with _database(postgresql_server) as url:
        open_store(url).close()
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite file that isn't there yet."""
    return f"sqlite:///{tmp_path / 'fleet.sqlite'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file with all tables."""
    path = tmp_path_factory.mktemp("template") / "fleet.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_copy_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the URL of a SQLite file of one's own, with all tables."""
    path = shutil.copy(sqlite_template, tmp_path / "fleet.sqlite")
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database, of each kind in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
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
            "body": {"symbol": symbol},
        }
        return Upsert("ships", (symbol,), {**values, **changes})

    @staticmethod
    def cargo(symbol: str, good: str, units: int) -> Upsert:
        return Upsert("ship_cargo", (symbol, good), {"units": units})

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
