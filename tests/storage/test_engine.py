"""Opening: what is made, how quickly, and what is refused without touching anything."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import timeit
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from fleet.protocol.errors import SetupError, UsageError
from fleet.storage import schema
from fleet.storage.engine import open_store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.namespaces import open_namespace
from fleet.storage.reader import inspect_file, open_reader
from fleet.storage.tables import METADATA


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _stamp(url: str, revision: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def _sqlite_with(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_fresh_database_gets_every_table_and_the_newest_revision(url, opened):
    store = opened(url)
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            assert connection.execute(table.select()).all() == []
        assert schema.revision(connection) == schema.HEAD


def test_opening_again_changes_nothing(url, opened):
    opened(url).close()
    store = opened(url)
    with store.reading() as connection:
        assert schema.revision(connection) == schema.HEAD


def test_opening_an_up_to_date_file_is_quick(sqlite_url, opened):
    opened(sqlite_url).close()
    took = min(
        timeit.repeat(
            lambda: opened(sqlite_url).close(), number=1, repeat=5, timer=time.process_time
        )
    )
    assert took < 0.150


def test_opening_an_up_to_date_file_does_not_import_alembic(sqlite_url, opened):
    opened(sqlite_url).close()
    code = (
        "import sys; from fleet.storage.engine import open_store; "
        f"open_store({sqlite_url!r}).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sqlite_runs_in_wal_mode_and_keeps_foreign_keys(sqlite_url, opened):
    store = opened(sqlite_url)
    with store.transaction() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        pages = connection.exec_driver_sql("PRAGMA cache_size").scalar()
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    assert pages == -512


def test_a_durable_store_waits_for_the_disk(sqlite_url):
    store = open_store(sqlite_url, durable=True)
    with store.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_postgresql_ends_what_takes_too_long(postgresql_url, opened):
    store = opened(postgresql_url)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with store.transaction() as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["30s", "10s", "30s"]


def test_without_create_a_missing_file_is_refused_and_not_made(sqlite_url, tmp_path):
    with pytest.raises(SetupError, match=r"no database at .*fleet db upgrade"):
        open_store(sqlite_url, create=False)
    assert not list(tmp_path.iterdir())


def test_without_create_an_empty_postgresql_database_stays_empty(postgresql_url):
    with pytest.raises(SetupError, match="is empty; run `fleet db upgrade`"):
        open_store(postgresql_url, create=False)
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert schema.revision(connection) is None
    engine.dispose()


def test_a_newer_schema_is_refused_and_left_alone(url, opened, tmp_path):
    opened(url).close()
    _stamp(url, "9999")
    before = _snapshot(tmp_path)
    with pytest.raises(SetupError, match=r"schema 9999.*newer version.*upgrade the fleet"):
        open_store(url)
    assert _snapshot(tmp_path) == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path, sqlite_url):
    _sqlite_with(tmp_path / "fleet.sqlite", "CREATE TABLE songs (title TEXT)")
    before = _snapshot(tmp_path)
    with pytest.raises(SetupError, match="tables of another program"):
        open_store(sqlite_url)
    assert _snapshot(tmp_path) == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, sqlite_url):
    (tmp_path / "fleet.sqlite").write_text("shopping list")
    with pytest.raises(SetupError, match="not a SQLite database"):
        open_store(sqlite_url)
    assert _snapshot(tmp_path) == {"fleet.sqlite": b"shopping list"}


def test_a_broken_database_is_refused_and_left_alone(tmp_path, sqlite_url):
    content = b"SQLite format 3\x00" + b"\xff" * 5000
    (tmp_path / "fleet.sqlite").write_bytes(content)
    with pytest.raises(SetupError, match="cannot be read"):
        open_store(sqlite_url)
    assert _snapshot(tmp_path) == {"fleet.sqlite": content}


def test_an_empty_file_becomes_a_database(tmp_path, sqlite_url, opened):
    (tmp_path / "fleet.sqlite").touch()
    with opened(sqlite_url).reading() as connection:
        assert schema.revision(connection) == schema.HEAD


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(SetupError, match="is a folder"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(SetupError, match=r"folder .*nowhere does not exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/fleet.sqlite")


def test_a_read_only_database_is_refused_and_left_alone(tmp_path, sqlite_url, opened):
    opened(sqlite_url).close()
    before = _snapshot(tmp_path)
    with pytest.raises(SetupError, match=r"fleet\.sqlite is read-only"):
        open_store(f"sqlite:///file:{tmp_path}/fleet.sqlite?mode=ro&uri=true")
    assert _snapshot(tmp_path)["fleet.sqlite"] == before["fleet.sqlite"]


def test_a_read_only_postgresql_database_is_refused(postgresql_url, opened):
    opened(postgresql_url).close()
    engine = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        database = connection.engine.url.database
        connection.execute(
            text(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
        )
    engine.dispose()
    with pytest.raises(SetupError, match="is read-only"):
        open_store(postgresql_url)


def test_an_unreachable_server_is_one_sentence(tmp_path):
    with pytest.raises(SetupError, match="cannot be used") as refusal:
        open_store(f"postgresql+psycopg2://me:secret@/fleet?host={tmp_path}")
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    ["fleet.sqlite", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "://", "sqlite:"],
)
def test_a_url_that_cannot_be_used_is_a_usage_error(url):
    with pytest.raises(UsageError, match=r"write sqlite:///PATH|name a file"):
        open_store(url)


def test_a_plain_postgresql_url_means_the_driver_that_is_installed(postgresql_url, opened):
    plain = postgresql_url.replace("postgresql+psycopg2://", "postgresql://")
    assert opened(plain).location.url.drivername == "postgresql+psycopg2"


def test_processes_that_start_together_make_the_tables_once(url, opened):
    barrier = threading.Barrier(4)
    failures: list[BaseException] = []

    def start() -> None:
        barrier.wait()
        try:
            opened(url)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_interrupt_ends_a_statement_that_runs(store):
    sqlite = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n"
    query = sqlite if store.location.path else "SELECT pg_sleep(60)"
    started = threading.Event()
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            with store.transaction() as connection:
                started.set()
                connection.exec_driver_sql(query)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(30)
    # The statement may begin a moment after the event, and an idle connection has nothing to end.
    while thread.is_alive():
        assert store.interrupt() in (0, 1)
        thread.join(0.05)
    assert [type(error) for error in outcome] == [StoreUnavailable]
    with store.transaction() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_lost_connection_is_replaced(postgresql_url, opened):
    store, other = opened(postgresql_url), opened(postgresql_url)

    def work_on_a_lost_connection() -> None:
        with store.transaction() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with other.transaction() as killer:
                killer.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreUnavailable):
        work_on_a_lost_connection()
    with store.transaction() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_copied_file_opens_elsewhere(sqlite_url, opened, tmp_path):
    opened(sqlite_url).close()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "fleet.sqlite", copy / "fleet.sqlite")
    with opened(f"sqlite:///{copy / 'fleet.sqlite'}").reading() as connection:
        assert schema.revision(connection) == schema.HEAD


LOOK_AND_CLOSE = """
import sqlite3, sys
from contextlib import closing
with closing(sqlite3.connect(sys.argv[1])) as connection:
    print(connection.execute("SELECT count(*) FROM namespaces").fetchone()[0])
"""


def test_another_program_that_is_done_with_the_file_leaves_a_stores_log_alone(tmp_path):
    url = f"sqlite:///{tmp_path}/fleet.sqlite"
    store, again = open_store(url), open_store(url)
    open_namespace(store, "A", "2026-10", now=0.0)
    inspect_file(store.location)
    open_reader(url).close()
    # What SQLite does for the last one to leave: the log goes into the file, and is deleted.
    command = [sys.executable, "-c", LOOK_AND_CLOSE, str(tmp_path / "fleet.sqlite")]
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert looked.stdout == "1\n"
    assert store.location.log.exists()
    open_namespace(store, "B", "2026-10", now=0.0)
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert looked.stdout == "2\n"
    store.close()
    again.close()


def test_a_file_that_was_removed_or_replaced_takes_no_row_until_it_is_back(tmp_path):
    url, kept = f"sqlite:///{tmp_path}/fleet.sqlite", tmp_path / "kept"
    store = open_store(url)
    path = store.location.path
    path.rename(kept)
    with pytest.raises(StoreUnavailable, match="removed or replaced; put it back"):
        open_namespace(store, "A", "2026-10", now=0.0)
    assert not path.exists()
    path.write_bytes(kept.read_bytes())
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        open_namespace(store, "A", "2026-10", now=0.0)
    kept.replace(path)
    assert open_namespace(store, "A", "2026-10", now=0.0).id == 1
    store.close()
