"""What COPY is given: every value survives, whatever it holds."""

from __future__ import annotations

import pytest

from fleet.storage.bulk import PostgresqlBulk, copy_line, copy_lines
from fleet.storage.namespaces import open_namespace
from fleet.storage.shape import shape_of
from fleet.storage.statements import statements_of

ROWS = [
    ((1, "IRON"), '1,"IRON"\n'),
    ((None, ""), 'null,""\n'),
    (("null", None), '"null",null\n'),
    (("\\", 'a"b'), '"\\\\","a\\"b"\n'),
    (("],[", "]["), '"],[","]["\n'),
    (("\\n", "\\."), '"\\\\n","\\\\."\n'),
    ((True, False), "true,false\n"),
    ((0.1, 1e300, -5), "0.1,1e300,-5\n"),
    (("ünï 🚀",), '"ünï 🚀"\n'),
]


@pytest.mark.parametrize(("row", "line"), ROWS)
def test_a_row_is_one_line_in_which_texts_are_quoted(row, line):
    assert copy_lines([row]).decode() == line


@pytest.mark.parametrize("odd", ["tab\there", "line\nend", "re\rturn", "\\\n", "]\n[", "\x01"])
def test_what_json_escapes_otherwise_stands_as_it_is(odd):
    rows = [(number, "plain", None, 0.5) for number in range(60)]
    rows[30] = (30, odd, "x", 0.5)
    assert copy_lines(rows).decode() == "".join(map(copy_line, rows))
    assert f'"30","{odd}"'.replace("\\", "\\\\") in copy_lines(rows).decode()


@pytest.mark.parametrize("ships", [1, 20, 200])
def test_ships_that_change_often_keep_their_entries_in_the_index(
    postgresql_copy_url, opened, samples, ships
):
    store, table = opened(postgresql_copy_url), statements_of("ships")
    names = [f"AGENT-{number}" for number in range(ships)]
    space = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    # One transaction sees all its own versions, as those of others are seen beside a long query.
    with store.transaction() as connection:
        cursor = connection.connection.cursor()
        for fuel in range(100):
            states = [samples.ship(name, fuel=fuel) for name in names]
            rows, _ = shape_of("ships").states(space, states)
            PostgresqlBulk().upsert(cursor, table, [values for values, _ in rows])
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_updated('ships'::regclass), "
            "pg_stat_get_xact_tuples_hot_updated('ships'::regclass)"
        )
        changed, beside = cursor.fetchone()
    assert changed == 99 * ships
    assert beside >= 0.9 * changed
