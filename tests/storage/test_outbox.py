"""The outbox: what it holds, and that all of it reaches the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from fleet.storage.errors import StoreUnavailable
from fleet.storage.lease import acquire, lease_name
from fleet.storage.namespaces import open_namespace
from fleet.storage.outbox import Outbox, OutboxDamaged
from fleet.storage.replay import replay, replay_all
from fleet.storage.tables import LEDGER


def test_rows_of_an_earlier_reset_are_written_too(store, tmp_path, namespace, samples):
    earlier = open_namespace(store, f"EARLIER-{namespace}", "2026-10-01", now=1.0).id
    with closing(Outbox(tmp_path / "outbox.sqlite")) as outbox:
        outbox.keep(earlier, [samples.ledger("1-1", 5)])
        outbox.keep(namespace, [samples.ledger("1-1", 7), samples.ledger("1-2", 8)])
        assert sorted(outbox.namespaces()) == sorted([earlier, namespace])

        def lease(one):
            return acquire(store, "test", name=lease_name(one))

        assert replay_all(outbox, store, lease) == 3
        assert outbox.namespaces() == []
        assert replay_all(outbox, store, lease) == 0
    with store.reading() as connection:
        query = LEDGER.select().where(LEDGER.c.namespace_id.in_([earlier, namespace]))
        assert sorted(row.delta for row in connection.execute(query)) == [5, 7, 8]


def test_an_outbox_that_was_never_needed_makes_no_file(tmp_path):
    with closing(Outbox(tmp_path / "outbox.sqlite")) as outbox:
        assert outbox.namespaces() == []
    assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_file_is_an_unavailable_store(tmp_path, samples):
    path = tmp_path / "outbox.sqlite"
    path.mkdir()
    with closing(Outbox(path)) as outbox, pytest.raises(StoreUnavailable, match="outbox"):
        outbox.keep(1, [samples.ledger("1-1", 5)])


@pytest.mark.parametrize("cut", [0.3, 0.99])
def test_a_file_that_cannot_be_read_is_set_aside_and_the_next_rows_wait_in_a_new_one(
    tmp_path, samples, cut
):
    path = tmp_path / "outbox.sqlite"
    with closing(Outbox(path)) as outbox:
        outbox.keep(1, [samples.ledger(f"1-{number}", 5) for number in range(500)])
    content = path.read_bytes()
    path.write_bytes(b"?" * 100 + content[100 : int(len(content) * cut)])
    with closing(Outbox(path)) as outbox:
        with pytest.raises(OutboxDamaged, match=r"was damaged, and is kept as .*\.damaged"):
            outbox.namespaces()
        assert outbox.namespaces() == []
        outbox.keep(1, [samples.ledger("2-1", 7)])
        assert outbox.count(1) == 1
    assert path.with_name("outbox.sqlite.damaged").exists()


def test_a_row_that_is_not_whole_holds_up_none_of_the_others(store, tmp_path, namespace, samples):
    path = tmp_path / "outbox.sqlite"
    with closing(Outbox(path)) as outbox:
        outbox.keep(namespace, [samples.ledger(f"1-{number}", number) for number in (1, 2, 3)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE waiting SET body = substr(body, 1, 20) WHERE place = 2")
    lease = acquire(store, "test", name=lease_name(namespace))
    with closing(Outbox(path)) as outbox:
        done, refused = replay(outbox, store, lease, namespace)
        assert outbox.count(namespace) == 0
    assert done == 3
    assert [letter.row.table for letter in refused] == ["waiting"]
