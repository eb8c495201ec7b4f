"""Migrations: they end where the tables in the code are, on both databases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from fleet.storage import engine as engines
from fleet.storage import migrations, schema
from fleet.storage.tables import METADATA


def _master(connection):
    rows = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    )
    return {(row.type, row.name): _on_one_line(row.sql or "") for row in rows}


def _on_one_line(sql):
    return re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", sql)).strip()


def _in_memory(fill):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        fill(connection)
        found = _master(connection)
    engine.dispose()
    return found


def test_every_migration_is_known_and_follows_the_one_before():
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == schema.REVISIONS


def test_a_database_made_at_once_equals_a_migrated_one():
    at_once = _in_memory(schema.create)
    migrated = _in_memory(lambda connection: schema.migrate(connection, schema.HEAD))
    assert at_once == migrated
    assert {("table", table.name) for table in METADATA.sorted_tables} <= at_once.keys()


def test_postgresql_is_migrated_to_the_tables_in_the_code(postgresql_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engines.open_store(postgresql_url).close()
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
        indexes = inspect(connection).get_indexes("events")
        key = inspect(connection).get_pk_constraint("events")
    engine.dispose()
    assert differences == []
    assert indexes == []
    assert key["constrained_columns"] == ["ship_id", "at", "seq"]
    assert key["dialect_options"]["postgresql_include"] == ["kind", "credits"]


@pytest.mark.parametrize("old", schema.REVISIONS[:-1])
def test_an_older_database_is_upgraded_when_it_is_opened(url, opened, old):
    engine = create_engine(url)
    with engine.begin() as connection:
        schema.migrate(connection, old)
    engine.dispose()
    with opened(url).reading() as connection:
        assert schema.revision(connection) == schema.HEAD
        assert inspect(connection).has_table("ledger")


def test_a_failed_upgrade_leaves_the_database_as_it_was(sqlite_url, tmp_path):
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        schema.migrate(connection, "0002")
        connection.execute(text("CREATE TABLE ledger (mine TEXT)"))
        before = _master(connection)
    engine.dispose()
    with pytest.raises(schema.SetupError, match="cannot be upgraded from 0002"):
        engines.open_store(sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        assert _master(connection) == before
        assert schema.revision(connection) == "0002"
    engine.dispose()
