"""Pruning: old resets go whole, the newest of each agent stays, books are never touched."""

from __future__ import annotations

import pytest

from fleet.storage.batch import Batch
from fleet.storage.lease import acquire
from fleet.storage.namespaces import namespaces, open_namespace
from fleet.storage.prune import prune
from fleet.storage.tables import EVENTS, LEDGER, SHIP_CARGO

DAY = 86_400.0


@pytest.fixture
def filled(copy_url, opened, samples):
    store = opened(copy_url)
    lease = acquire(store, "test")
    for agent, reset, day in (("A", "2026-10", 1), ("A", "2026-11", 30), ("B", "2026-10", 1)):
        namespace = open_namespace(store, agent, reset, now=day * DAY).id
        rows = [
            samples.request("1-1", queued_at=day * DAY),
            samples.ledger("1-1", 5, at=day * DAY),
            samples.ship("S-1"),
            samples.cargo("S-1", "IRON", 1),
            samples.event("1-1", "S-1", at=(day - 1) * DAY),
            samples.event("1-2", "S-1", at=day * DAY),
        ]
        assert store.write(Batch(namespace, rows), lease).rejected == ()
    return store


def _count(store, table):
    with store.reading() as connection:
        return len(connection.execute(table.select()).all())


def test_an_old_reset_goes_with_all_its_rows_but_an_agents_newest_stays(filled):
    found = prune(filled, resets=10 * DAY, records=None)
    assert [(row.agent_symbol, row.reset_date) for row in found.namespaces] == [("A", "2026-10")]
    assert len(namespaces(filled)) == 2
    assert [_count(filled, table) for table in (LEDGER, SHIP_CARGO, EVENTS)] == [2, 2, 4]


def test_a_reset_that_is_young_enough_stays(filled):
    assert prune(filled, resets=29 * DAY, records=None).namespaces == ()


def test_old_records_go_and_the_books_stay(filled):
    found = prune(filled, resets=None, records=DAY / 2)
    assert found.rows["events"] == 3
    assert _count(filled, LEDGER) == 3
    assert _count(filled, EVENTS) == 3


def test_a_world_whose_clock_is_ahead_makes_no_other_old(filled, samples):
    ahead = open_namespace(filled, "FAST", "2026-10", now=90 * DAY).id
    rows = [samples.request("1-1", queued_at=90 * DAY)]
    assert filled.write(Batch(ahead, rows), acquire(filled, "test")).rejected == ()
    found = prune(filled, resets=40 * DAY, records=40 * DAY)
    assert found.namespaces == ()
    assert set(found.rows.values()) == {0}


def test_the_reset_that_an_agent_came_to_last_stays_whatever_its_date_and_clock(filled):
    back = open_namespace(filled, "A", "2026-09", now=0.0)
    assert back.id not in {one.id for one in prune(filled, resets=1.0, records=None).namespaces}


def test_nothing_happens_in_an_empty_database(opened, copy_url):
    assert prune(opened(copy_url), resets=1.0, records=1.0).namespaces == ()
