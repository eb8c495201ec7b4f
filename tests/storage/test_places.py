"""Rows are changed where they lie on PostgreSQL, and nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from fleet.storage.batch import Batch
from fleet.storage.bulk import PostgresqlBulk
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace
from fleet.storage.places import Places
from fleet.storage.shape import shape_of
from fleet.storage.statements import statements_of

SHIPS = statements_of("ships")
NAMES = [f"AGENT-{number}" for number in range(20)]


@pytest.fixture
def written(postgresql_copy_url, opened, samples):
    """Write the ships of a namespace again and again, each time with other fuel."""
    store = opened(postgresql_copy_url)
    space = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    lease = acquire(store, "test")

    def write(fuel, names=NAMES):
        return store.write(Batch(space, [samples.ship(name, fuel=fuel) for name in names]), lease)

    return store, space, write


def fuel_of(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT symbol, fuel FROM ships")).all()
    engine.dispose()
    return {row.symbol: row.fuel for row in rows}


def change(cursor, samples, space, places, fuel, names=NAMES):
    return put(cursor, space, places, [samples.ship(name, fuel=fuel) for name in names])


def put(cursor, space, places, ships):
    rows = [shape_of("ships").state(space, ship) for ship in ships]
    return PostgresqlBulk(places=places).upsert(cursor, SHIPS, rows)


def test_the_index_is_looked_at_for_new_ships_only(written, samples):
    store, space, _ = written
    looked = "SELECT pg_stat_get_xact_numscans('pk_ships'::regclass)"
    places = Places()
    with store.transaction() as connection:
        cursor = connection.connection.cursor()

        def looks():
            cursor.execute(looked)
            return cursor.fetchone()[0]

        assert change(cursor, samples, space, places, 1) == 20
        # Enough versions that looking at all of them is no alternative either.
        for fuel in range(2, 100):
            assert change(cursor, samples, space, places, fuel) == 20
        before = looks()
        assert change(cursor, samples, space, places, 100) == 20
        assert looks() == before
        assert change(cursor, samples, space, places, 101, [*NAMES, "AGENT-new"]) == 21


def test_flush_after_flush_tells_what_is_there(written, postgresql_copy_url):
    _, _, write = written
    for fuel in range(1, 6):
        assert write(fuel).written == 20
        assert fuel_of(postgresql_copy_url) == dict.fromkeys(NAMES, fuel)


def test_a_ship_that_is_not_where_it_was_is_found_by_its_key(written, postgresql_copy_url):
    _, _, write = written
    write(1)
    write(2, NAMES[5:])
    engine = create_engine(postgresql_copy_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM ships WHERE symbol = 'AGENT-0'"))
        connection.execute(text("UPDATE ships SET fuel = 70 WHERE symbol = 'AGENT-1'"))
        connection.execute(text("VACUUM FULL ships"))
    engine.dispose()
    assert write(3).written == 20
    assert fuel_of(postgresql_copy_url) == dict.fromkeys(NAMES, 3)


def test_a_place_where_another_ship_lies_now_is_left_alone(written, samples, postgresql_copy_url):
    store, space, _ = written
    places, wrong = Places(), Places()
    with store.transaction() as connection:
        cursor = connection.connection.cursor()
        change(cursor, samples, space, places, 1)
        told = places.of(SHIPS.table, [(space, name) for name in NAMES], 2)
        for mine, other in zip(told, [*told[1:], told[0]], strict=True):
            wrong.keep(SHIPS.table, [(*mine[1:], other[0])])
        assert change(cursor, samples, space, wrong, 2, NAMES[:7]) == 7
    found = fuel_of(postgresql_copy_url)
    assert found == dict.fromkeys(NAMES, 1) | dict.fromkeys(NAMES[:7], 2)


def test_nulls_and_values_may_stand_side_by_side(written, samples, postgresql_copy_url):
    store, space, _ = written
    places = Places()
    with store.transaction() as connection:
        cursor = connection.connection.cursor()
        for arrival in (None, 0.5, 3):
            ships = [
                samples.ship("AGENT-0", arrival=arrival, price_paid=None),
                samples.ship("AGENT-1", arrival=None, price_paid=None),
            ]
            assert put(cursor, space, places, ships) == 2
            cursor.execute("SELECT arrival FROM ships ORDER BY symbol")
            assert cursor.fetchall() == [(arrival,), (None,)]


def test_after_a_transaction_that_failed_nothing_is_believed(written, samples, postgresql_copy_url):
    _, _, write = written
    write(1)
    # The database refuses the whole batch for one ship, and takes the others singly.
    assert len(write(2, [*NAMES, "AGENT-\0"]).rejected) == 1
    assert fuel_of(postgresql_copy_url) == dict.fromkeys(NAMES, 2)
    write(3)
    assert fuel_of(postgresql_copy_url) == dict.fromkeys(NAMES, 3)


def test_ships_that_many_at_once_have_moved_are_found_again(written, postgresql_copy_url):
    _, _, write = written
    write(1)
    crowd = [f"AGENT-{number}" for number in range(200)]
    write(2, crowd)
    write(3)
    assert fuel_of(postgresql_copy_url) == dict.fromkeys(crowd, 2) | dict.fromkeys(NAMES, 3)


def test_no_more_places_are_kept_than_agreed():
    places = Places(limit=3)
    places.keep("ships", [(1, "A", "(0,1)"), (1, "B", "(0,2)")])
    assert places.of("ships", [(1, "A", 5), (1, "C", 6)], 2) == [("(0,1)", 1, "A", 5)]
    places.keep("ships", [(1, "C", "(0,3)"), (1, "D", "(0,4)")])
    assert places.of("ships", [(1, "A", 5)], 2) == []
