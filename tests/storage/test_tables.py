"""Rules that every table follows, and that its description does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.storage import records
from fleet.storage.tables import METADATA, Kind, children, kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "storage.md"
TABLES = [pytest.param(table, id=table.name) for table in METADATA.sorted_tables]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_belongs_to_a_namespace(table):
    alone = {"namespaces", "writer_lease", "process_epochs", "experiment_runs"}
    assert ("namespace_id" in table.columns) == (table.name not in alone)


@pytest.mark.parametrize("table", TABLES)
def test_states_begin_with_their_key(table):
    if kind(table) is Kind.STATE:
        key = [column.name for column in table.primary_key]
        assert key[0] == "namespace_id"
        assert [column.name for column in table.columns][: len(key)] == key


@pytest.mark.parametrize("table", TABLES)
def test_a_childs_key_begins_with_its_parents(table):
    if kind(table) is Kind.STATE:
        for child in children(table):
            width = len(table.primary_key)
            names = [column.name for column in child.primary_key][:width]
            (link,) = (key for key in child.foreign_key_constraints if key.referred_table is table)
            assert list(link.column_keys) == names


def test_each_child_is_known_by_its_parent():
    found = {
        table.name: tuple(child.name for child in children(table))
        for table in METADATA.sorted_tables
        if kind(table) is Kind.STATE and children(table)
    }
    assert found == {
        "markets": ("trade_goods",),
        "ships": ("ship_cargo", "ship_parts"),
        "shipyards": ("shipyard_prices",),
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_column_is_described(table):
    text = PAGE.read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"| `{table.name}` |"))
    described = set(line.replace("`", " ").replace(",", " ").split())
    assert {column.name for column in table.columns} - {"namespace_id"} <= described


@pytest.mark.parametrize("record", [one for one in vars(records).values() if isinstance(one, type)])
def test_every_record_has_only_columns_of_some_table(record):
    fields = set(getattr(record, "__struct_fields__", ()))
    assert any(fields <= set(table.columns.keys()) for table in METADATA.sorted_tables)
