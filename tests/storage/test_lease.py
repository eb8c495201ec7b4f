"""Fencing: a writer whose lease was taken writes nothing any more."""

from __future__ import annotations

import threading

import pytest

from fleet.storage.batch import Batch
from fleet.storage.errors import LeaseLost
from fleet.storage.lease import Lease, acquire
from fleet.storage.resume import ships


def test_each_new_owner_has_a_higher_epoch(store):
    first, second = acquire(store, "one"), acquire(store, "two")
    assert second.epoch == first.epoch + 1
    assert second.owner == "two"


def test_a_fenced_writer_writes_nothing(shared_url, opened, store, lease, namespace, samples):
    old = opened(shared_url)
    old.write(Batch(namespace, [samples.ship("AGENT-1", fuel=1)]), lease)
    new_lease = acquire(store, "new")
    with pytest.raises(LeaseLost, match=r"test \(epoch \d+\) lost its lease to new"):
        old.write(Batch(namespace, [samples.ship("AGENT-1", fuel=2)]), lease)
    assert [ship.fuel for ship in ships(store, namespace)] == [1]
    assert store.write(Batch(namespace, [samples.ship("AGENT-1", fuel=3)]), new_lease).written == 1


def test_a_fenced_writer_learns_of_it_even_if_nothing_changed(
    shared_url, opened, store, lease, namespace, samples
):
    old = opened(shared_url)
    batch = Batch(namespace, [samples.ship("AGENT-1")])
    old.write(batch, lease)
    acquire(store, "new")
    with pytest.raises(LeaseLost):
        old.write(batch, lease)


def test_a_lease_that_nobody_gave_out_is_refused(store, namespace, samples):
    with pytest.raises(LeaseLost):
        store.write(Batch(namespace, [samples.ship("AGENT-1")]), Lease(10**6, "forger"))
    with pytest.raises(LeaseLost, match="to nobody"):
        store.write(Batch(namespace, [samples.ship("AGENT-1")]), Lease(1, "forger", "unknown"))


def test_the_next_owner_waits_for_a_transaction_that_has_begun(
    shared_url, opened, store, lease, namespace, samples
):
    other = opened(shared_url)
    began, acquired = threading.Event(), threading.Event()

    def take_over() -> None:
        began.set()
        acquire(other, "new")
        acquired.set()

    thread = threading.Thread(target=take_over)
    from fleet.storage import lease as leases

    with store.transaction() as connection:
        leases.check(connection, lease)
        thread.start()
        assert began.wait(30)
        # The lock is held by this transaction, so the other can't have it however long it waits.
        assert not acquired.wait(0.2)
    thread.join(30)
    assert acquired.is_set()


def test_states_of_a_new_lease_are_compared_with_nothing_old(
    shared_url, opened, store, namespace, samples
):
    mine = acquire(store, "one")
    store.write(Batch(namespace, [samples.ship("AGENT-1", fuel=1)]), mine)
    other = opened(shared_url)
    theirs = acquire(other, "two")
    other.write(Batch(namespace, [samples.ship("AGENT-1", fuel=2)]), theirs)
    again = acquire(store, "one")
    assert store.write(Batch(namespace, [samples.ship("AGENT-1", fuel=1)]), again).written == 1
    assert [ship.fuel for ship in ships(store, namespace)] == [1]
