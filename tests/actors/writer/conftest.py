"""A writer in virtual time on a database whose door a test can shut, and what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fleet.actors.database_writer import writer_props
from fleet.actors.writer_settings import WriterSettings
from fleet.protocol.rows import WriterQuery, WriterStatus
from fleet.runtime import Envelope, Future
from fleet.storage.engine import Store, open_store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import LEDGER


class Door(Store):
    """A store that can be shut, and that can break just before or just after a commit."""

    control: Control

    def write(self, batch: Any, lease: Any) -> Any:
        self.control.attempts += 1
        self.control.before(self)
        if self.control.shut:
            raise StoreUnavailable("the database is away")
        report = super().write(batch, lease)
        self.control.after(self)
        return report

    def reading(self) -> Any:
        if self.control.shut:
            raise StoreUnavailable("the database is away")
        return super().reading()

    def end(self) -> int:
        self.control.interrupted.set()
        return super().end()


class Control:
    """Opens doors to one database, and does with them what a test wants."""

    def __init__(self, path: Path, url: str = "") -> None:
        self.url = url or f"sqlite:///{path / 'fleet.sqlite'}"
        self.outbox = path / "outbox.sqlite"
        self.store = open_store(self.url)
        self.namespace = open_namespace(self.store, "A", "2026-07-04", now=0.0).id
        self.shut = False
        self.refuses_to_open = False
        self.attempts = 0
        self.interrupted = threading.Event()
        self.before: Callable[[Store], None] = lambda _: None
        self.after: Callable[[Store], None] = lambda _: None

    def open(self) -> Store:
        if self.refuses_to_open:
            raise StoreUnavailable("the database is away")
        store = open_store(self.url)
        store.__class__ = Door
        store.control = self  # type: ignore[attr-defined]
        return store

    def settings(self, **options: Any) -> WriterSettings:
        options = {"period": 0.25, **options}
        return WriterSettings(open_store=self.open, namespace=self.namespace, **options)

    def read(self, table: Any, *columns: Any) -> list[Any]:
        with self.store.reading() as connection:
            rows = connection.execute(select(*columns).select_from(table)).all()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    @property
    def money(self) -> list[str]:
        with self.store.reading() as connection:
            query = select(LEDGER.c.id).order_by(LEDGER.c.seq)
            return list(connection.execute(query).scalars())


class Bench:
    """A writer in virtual time."""

    def __init__(self, stage: Any, control: Control, **options: Any) -> None:
        self.stage, self.control = stage, control
        props = writer_props(control.settings(**options))
        self.writer = stage.system.spawn("/writer", props)
        stage.run()

    def tell(self, *messages: Any) -> None:
        for message in messages:
            self.writer.tell(message)
        self.stage.run()

    def start_asking(self, message: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post("/writer", Envelope(message, system.next_id(), future=answer))
        self.stage.run()
        return answer

    def ask(self, message: Any) -> Any:
        return self.start_asking(message).get(0)

    @property
    def status(self) -> WriterStatus:
        return self.ask(WriterQuery())

    @property
    def pending(self) -> int:
        mailbox = self.stage.cell(self.writer).mailbox
        return mailbox.held + len(mailbox.leases)


@pytest.fixture(params=["sqlite", "postgresql"])
def control(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    made = Control(tmp_path, request.getfixturevalue(f"{request.param}_copy_url"))
    yield made
    made.store.close()


@pytest.fixture
def bench(virtual: Any, control: Control) -> Bench:
    return Bench(virtual, control)


@pytest.fixture(scope="session")
def controls() -> type[Control]:
    """Makes controls, for tests that need several."""
    return Control


@pytest.fixture(scope="session")
def benches() -> type[Bench]:
    """Makes benches."""
    return Bench
