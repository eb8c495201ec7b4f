"""The outbox: what it holds, and that all of it reaches the database."""

from __future__ import annotations

from contextlib import closing

import pytest

from fleet.storage.errors import StoreUnavailable
from fleet.storage.lease import acquire, lease_name
from fleet.storage.namespaces import open_namespace
from fleet.storage.outbox import Outbox
from fleet.storage.replay import replay_all
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
