"""Real servers that are stopped, frozen and killed; locks, full disks, long statements."""

from __future__ import annotations

import threading
import uuid

import pytest
from sqlalchemy import text

from fleet.bench.storage_server import PostgresqlServer, make_database
from fleet.storage import lease as leases
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.errors import StoreTimeout, StoreUnavailable
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import LEDGER


@pytest.fixture(scope="module")
def server():
    """A server of one's own, whose commits outlive its death."""
    made = PostgresqlServer(settings=("fsync=off",))
    made.start()
    yield made
    made.remove()


@pytest.fixture
def there(server, opened, samples):
    """A store on that server, and how to write a ledger row through it."""
    store = opened(make_database(server.url, f"f{uuid.uuid4().hex[:10]}"))
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    lease = acquire(store, "test")

    def write(number):
        return store.write(Batch(namespace, [samples.ledger(f"1-{number}", 1)]), lease)

    store.reset()
    return store, write


def _ids(store):
    with store.reading() as connection:
        return sorted(connection.execute(LEDGER.select().with_only_columns(LEDGER.c.id)).scalars())


def _until_it_works(act):
    for _ in range(50):
        try:
            return act()
        except StoreUnavailable:
            threading.Event().wait(0.1)
    return act()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_is_gone_is_said_so_and_comes_back_with_all_that_was_reported(
    server, there, how
):
    store, write = there
    assert [write(n).written for n in range(3)] == [1, 1, 1]
    getattr(server, how)()
    with pytest.raises(StoreUnavailable):
        write(3)
    server.start()
    assert _until_it_works(lambda: write(3)).written in (0, 1)
    assert _ids(store) == ["1-0", "1-1", "1-2", "1-3"]


def test_whoever_waits_for_a_frozen_server_is_freed(server, there):
    store, write = there
    write(1)
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            write(2)
        except BaseException as error:
            outcome.append(error)

    server.freeze()
    thread = threading.Thread(target=work)
    thread.start()
    try:
        thread.join(0.3)
        assert thread.is_alive()
        while thread.is_alive():
            store.end()
            thread.join(0.2)
    finally:
        server.thaw()
    assert [type(error) for error in outcome] == [StoreUnavailable]
    _until_it_works(lambda: write(2))
    assert _ids(store) == ["1-1", "1-2"]


def test_a_long_statement_is_ended_by_the_server_and_leaves_no_connection_in_use(
    postgresql_copy_url,
):
    store = open_store(postgresql_copy_url)

    def sleep(connection):
        connection.execute(text("SET LOCAL statement_timeout = 300"))
        connection.execute(text("SELECT pg_sleep(60)"))

    with pytest.raises(StoreTimeout), store.transaction() as connection:
        sleep(connection)
    assert store._engine.pool.checkedout() == 0
    with pytest.raises(StoreTimeout), store.reading() as connection:
        sleep(connection)
    assert store.reader()._engine.pool.checkedout() == 0
    store.close()


def test_what_a_hung_owner_holds_is_free_once_it_is_ended(copy_url, opened):
    hung, other = opened(copy_url), opened(copy_url)
    lease = acquire(hung, "hung")
    holds, go = threading.Event(), threading.Event()
    outcome: list[BaseException] = []

    def hang() -> None:
        try:
            with hung.transaction() as connection:
                leases.check(connection, lease)
                holds.set()
                go.wait(30)
                connection.execute(text("UPDATE writer_lease SET owner = 'zombie'"))
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    assert holds.wait(30)
    assert hung.end() == 1
    assert acquire(other, "next").epoch == lease.epoch + 1
    go.set()
    thread.join(30)
    assert [type(error) for error in outcome] == [StoreUnavailable]
    with other.reading() as connection:
        owner = connection.execute(text("SELECT owner FROM writer_lease")).scalar_one()
    assert owner == "next"


def test_a_full_disk_is_said_clearly_and_costs_nothing_that_was_stored(
    sqlite_copy_url, opened, samples
):
    store = opened(sqlite_copy_url)
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    lease = acquire(store, "test")
    store.write(Batch(namespace, [samples.ledger("1-0", 1)]), lease)
    with store.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    rows = [samples.ledger(f"1-{n}", 1) for n in range(5_000)]
    with pytest.raises(StoreUnavailable, match="the disk is full; make room"):
        store.write(Batch(namespace, rows), lease)
    with store.transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert store.write(Batch(namespace, rows), lease).written == 4_999


def test_a_database_that_turned_read_only_is_said_clearly(postgresql_copy_url, opened):
    store = opened(postgresql_copy_url)
    message = "read-only; make it writable"
    with pytest.raises(StoreUnavailable, match=message):
        _run(store, "SET TRANSACTION READ ONLY", "DELETE FROM ships")


def _run(store, *statements):
    with store.transaction() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("role", ["fleet_dashboard", "fleet_grafana"])
@pytest.mark.parametrize(
    "statement", ["DELETE FROM ships", "INSERT INTO namespaces VALUES (9, 'A', 'B', 0)"]
)
def test_those_who_only_look_cannot_write(postgresql_copy_url, opened, role, statement):
    there = opened(postgresql_copy_url)
    with there.transaction() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        assert connection.execute(text("SELECT count(*) FROM ships")).scalar() == 0
    with pytest.raises(StoreUnavailable, match="permission denied"):
        _run(there, f"SET LOCAL ROLE {role}", statement)


def test_the_writers_role_can_do_what_a_writer_does(postgresql_copy_url, opened, samples):
    there = opened(postgresql_copy_url)
    namespace = open_namespace(there, "AGENT", "2026-11-01", now=1.0).id
    with there.transaction() as connection:
        connection.execute(text("SET LOCAL ROLE fleet_writer"))
        connection.execute(
            text("INSERT INTO ship_ids (namespace_id, symbol) VALUES (:n, 'S')"), {"n": namespace}
        )
        connection.execute(text("UPDATE writer_lease SET epoch = epoch"))
