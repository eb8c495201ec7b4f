"""A locked database takes nothing, for as long as it was asked to be and no longer."""

import pytest

from fleet.host.outage import Outage
from fleet.storage.engine import open_store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.lease import acquire


def test_nobody_else_can_write_until_it_is_over(tmp_path, events, monkeypatch):
    monkeypatch.setattr("fleet.storage.connections.BUSY_TIMEOUT", 0.1)
    url = f"sqlite:///{tmp_path}/fleet.sqlite"
    store = open_store(url)
    outage = Outage(url, events)
    outage.begin(60.0)
    assert events.wait_for("outage.started")
    with pytest.raises(StoreUnavailable):
        acquire(store, "writer")
    outage.close()
    assert events.wait_for("outage.ended")
    assert acquire(store, "writer").epoch == 1
    store.close()


def test_an_outage_of_a_database_that_is_not_there_is_told(tmp_path, events):
    Outage(f"sqlite:///{tmp_path}/nothing.sqlite", events).begin(1.0)
    failed = events.wait_for("outage.failed")
    assert failed["level"] == "warning"


def test_postgresql_takes_nothing_either(postgresql_copy_url, events, monkeypatch):
    monkeypatch.setattr("fleet.storage.connections.LOCK_TIMEOUT", 300)
    store = open_store(postgresql_copy_url)
    before = acquire(store, "writer").epoch
    outage = Outage(postgresql_copy_url, events)
    outage.begin(60.0)
    assert events.wait_for("outage.started")
    with pytest.raises(StoreUnavailable):
        acquire(store, "writer")
    outage.close()
    assert events.wait_for("outage.ended")
    assert acquire(store, "writer").epoch == before + 1
    store.close()
