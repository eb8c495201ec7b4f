"""What the ships are worth: what was paid for them."""

from __future__ import annotations

from fleet.storage.batch import Batch
from fleet.storage.worth import ships_value


def test_only_purchases_of_ships_count(store, lease, namespace, samples):
    assert ships_value(store, namespace) == 0
    rows = [
        samples.ledger("1-1", -30_000, operation="purchase-ship"),
        samples.ledger("1-2", -20_000, operation="purchase-ship"),
        samples.ledger("1-3", -70, operation="purchase-cargo"),
    ]
    store.write(Batch(namespace, rows), lease)
    assert ships_value(store, namespace) == 50_000
