"""Reading: never in the writer's way, never able to change anything."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import create_engine, text

from fleet.protocol.errors import SetupError
from fleet.storage import schema
from fleet.storage.batch import Batch
from fleet.storage.errors import StoreUnavailable
from fleet.storage.reader import open_reader
from fleet.storage.resume import ships


@pytest.fixture
def reader(shared_url, store):
    found = open_reader(shared_url)
    yield found
    found.close()


def test_a_reader_sees_what_the_writer_committed(reader, store, lease, namespace, samples):
    assert ships(reader, namespace) == ()
    store.write(Batch(namespace, [samples.ship("AGENT-1")]), lease)
    assert [ship.symbol for ship in ships(reader, namespace)] == ["AGENT-1"]


@pytest.mark.parametrize("statement", ["DELETE FROM ships", "CREATE TABLE songs (title TEXT)"])
def test_a_reader_cannot_write(reader, statement):
    with (
        pytest.raises(StoreUnavailable, match=r"read-?only"),
        reader.reading() as connection,
    ):
        connection.execute(text(statement))


def test_all_queries_of_one_reading_see_one_state(reader, store, lease, namespace, samples):
    query = text(f"SELECT count(*) FROM ships WHERE namespace_id = {namespace}")
    with reader.reading() as connection:
        before = connection.execute(query).scalar()
        store.write(Batch(namespace, [samples.ship("AGENT-1")]), lease)
        assert connection.execute(query).scalar() == before == 0
    with reader.reading() as connection:
        assert connection.execute(query).scalar() == 1


def test_a_store_reads_through_its_own_reader(store, namespace):
    with store.transaction(), store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM namespaces")).scalar() >= 1


def test_of_what_a_store_reads_now_and_then_little_stays_in_memory(sqlite_url, opened):
    def kept(source):
        with source.reading() as connection:
            return -connection.exec_driver_sql("PRAGMA cache_size").scalar()

    store = opened(sqlite_url)
    others = open_reader(sqlite_url)
    assert (kept(store), kept(others)) == (256, 2_000)
    others.close()


def test_a_long_query_can_be_interrupted(reader):
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n"
    began = threading.Event()
    outcome = []

    def work() -> None:
        try:
            with reader.reading() as connection:
                began.set()
                connection.execute(text(query))
        except StoreUnavailable as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(30)
    while thread.is_alive():
        reader.interrupt()
        thread.join(0.05)
    assert len(outcome) == 1


def test_a_missing_database_is_refused_and_not_made(sqlite_url, tmp_path):
    with pytest.raises(SetupError, match="no database at"):
        open_reader(sqlite_url)
    assert not list(tmp_path.iterdir())


def test_an_empty_file_is_refused(sqlite_url, tmp_path):
    (tmp_path / "fleet.sqlite").touch()
    with pytest.raises(SetupError, match=r"is empty; run `fleet db upgrade`"):
        open_reader(sqlite_url)
    assert (tmp_path / "fleet.sqlite").read_bytes() == b""


def test_an_empty_server_database_is_refused_and_stays_empty(postgresql_url):
    with pytest.raises(SetupError, match="is empty; run `fleet db upgrade`"):
        open_reader(postgresql_url)


def test_an_older_schema_is_refused_and_not_upgraded(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        schema.migrate(connection, "0001")
    with pytest.raises(SetupError, match=r"out of date; run `fleet db upgrade`"):
        open_reader(url)
    with engine.begin() as connection:
        assert schema.revision(connection) == "0001"
    engine.dispose()


def test_an_unreachable_server_is_one_sentence(tmp_path):
    with pytest.raises(SetupError, match="cannot be read") as refusal:
        open_reader(f"postgresql+psycopg2://me:secret@/fleet?host={tmp_path}")
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
