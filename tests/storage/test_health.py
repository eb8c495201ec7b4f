"""Checks: a sound database has no problems, a tampered one tells each."""

from __future__ import annotations

from sqlalchemy import text

from fleet.storage import census, health, schema
from fleet.storage.batch import Batch
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace


def test_a_fresh_database_is_whole(url, opened):
    found = health.check(opened(url))
    assert (found.revision, found.problems) == (schema.HEAD, ())


def test_each_missing_or_foreign_part_is_told(url, opened):
    store = opened(url)
    with store.transaction() as connection:
        connection.execute(text("DROP TABLE construction"))
        connection.execute(text("ALTER TABLE agents ADD COLUMN mood TEXT"))
        connection.execute(text("ALTER TABLE systems DROP COLUMN x"))
        connection.execute(text("DROP INDEX ix_ledger_namespace_id_seq"))
    assert sorted(health.check(store).problems) == [
        "The index ix_ledger_namespace_id_seq is missing.",
        "The table agents has an unknown mood.",
        "The table construction is missing.",
        "The table systems lacks x.",
    ]


def test_a_table_with_another_key_is_told(url, opened):
    store = opened(url)
    with store.transaction() as connection:
        connection.execute(text("DROP TABLE process_epochs"))
        connection.execute(
            text("CREATE TABLE process_epochs (epoch INTEGER, owner TEXT, started_at REAL)")
        )
    assert health.check(store).problems == ("The key of the table process_epochs is not epoch.",)


def test_rows_that_belong_to_nothing_are_told(sqlite_url, opened):
    store = opened(sqlite_url)
    with store.transaction() as connection:
        connection.connection.dbapi_connection.execute("COMMIT")
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(text("INSERT INTO ship_cargo VALUES (1, 'GHOST', 'IRON', 3)"))
    assert set(health.check(store).problems) == {
        "A row of ship_cargo belongs to no row of ships.",
        "A row of ship_cargo belongs to no row of namespaces.",
    }


def test_a_census_counts_rows_and_bytes(url, opened, samples):
    store = opened(url)
    lease = acquire(store, "test")
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0)
    rows = [samples.ship("AGENT-1"), *(samples.ledger(f"1-{number}", 1) for number in range(3))]
    store.write(Batch(namespace.id, rows), lease)
    found = census.count(store)
    assert found.namespaces == (namespace,)
    assert next(iter(found.rows.items())) == ("ledger", 3)
    assert found.rows["ships"] == 1
    assert found.bytes > 4096
