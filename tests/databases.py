"""Databases for the tests: a SQLite file each, and one PostgreSQL server for the whole run.

The server is the one that FLEET_TEST_DSN names, or one that the first test that needs it starts;
without binaries to start the tests fail. With xdist all workers share it: each has a template
database, of which its tests get copies.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fleet.bench.storage_server import (
    PostgresqlServer,
    drop_database,
    make_database,
)
from fleet.storage.engine import open_store

OTHERS = 120.0
"""Wall seconds that the worker that started the server waits for the others to be done."""


class SharedServer:
    """One server for all workers of a run: the first starts it, and stops it after the last."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "postgresql.json"
        self._lock = folder / "postgresql.lock"

    @contextmanager
    def joined(self) -> Iterator[str]:
        server: PostgresqlServer | None = None
        with self._locked() as state:
            if not state.get("users"):
                server = PostgresqlServer()
                server.start()
                state["url"] = server.url
            state["users"] = state.get("users", 0) + 1
            url = state["url"]
        try:
            yield url
        finally:
            with self._locked() as state:
                state["users"] -= 1
            if server is not None:
                self._wait_for_others()
                server.remove()

    def _wait_for_others(self) -> None:
        pause = threading.Event()
        for _ in range(int(OTHERS / 0.05)):
            with self._locked() as state:
                if not state["users"]:
                    # Whoever comes now starts a server of his own.
                    return
            pause.wait(0.05)

    @contextmanager
    def _locked(self) -> Iterator[dict[str, Any]]:
        with self._lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = json.loads(self._state.read_text()) if self._state.exists() else {}
            yield state
            self._state.write_text(json.dumps(state))


@pytest.fixture(scope="session")
def postgresql_server(
    tmp_path_factory: pytest.TempPathFactory, worker_name: str | None
) -> Iterator[str]:
    """Give the URL of a server's maintenance database, of our own server or a given one."""
    if given := os.environ.get("FLEET_TEST_DSN"):
        yield given
        return
    base = tmp_path_factory.getbasetemp()
    with SharedServer(base.parent if worker_name else base).joined() as url:
        yield url


@pytest.fixture(scope="session")
def worker_name() -> str | None:
    """Tell which of xdist's workers this is; None without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER")


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    name = f"fleet_{uuid.uuid4().hex[:12]}"
    yield make_database(server, name, template)
    drop_database(server, name)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """Make this worker's PostgreSQL database with all tables, to be copied; give its name."""
    with _database(postgresql_server) as url:
        open_store(url).close()
        yield url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def postgresql_copy_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database of one's own, with all tables."""
    with _database(postgresql_server, postgresql_template) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_shared_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with all tables, and other tests' namespaces."""
    with _database(postgresql_server, postgresql_template) as url:
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
