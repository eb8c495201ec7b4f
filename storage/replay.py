"""Rows of the outbox go into the database: in their order, each exactly once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fleet.storage.batch import Batch, DeadLetter, WriteReport
from fleet.storage.lease import Lease
from fleet.storage.outbox import Outbox

CHUNK = 1_000
"""Rows per transaction."""


class Writes(Protocol):
    """Whatever writes batches: a Store."""

    def write(self, batch: Batch, lease: Lease) -> WriteReport:
        """Write a batch in one transaction."""
        ...


def replay(
    outbox: Outbox,
    store: Writes,
    lease: Lease,
    namespace: int,
    *,
    progress: Callable[[], object] = lambda: None,
) -> tuple[int, tuple[DeadLetter, ...]]:
    """Write what waits, and forget it once it is committed; give its number, and what is refused.

    A crash between the commit and the forgetting writes rows again: their ids make that a no-op.
    Raises StoreUnavailable and LeaseLost; what was not written waits on.
    """
    done = 0
    refused: list[DeadLetter] = []
    while rows := outbox.oldest(namespace, CHUNK):
        report = store.write(Batch(namespace, [waiting.row for waiting in rows]), lease)
        outbox.forget(namespace, rows[-1].place)
        refused += report.rejected
        done += len(rows)
        progress()
    return done, tuple(refused)


def replay_all(outbox: Outbox, store: Writes, lease: Callable[[int], Lease]) -> int:
    """Write what waits of every namespace, each under its own lease; give the number of rows.

    An agent whose server was reset while the database was away has rows of its former life
    there, which no writer will ever ask for again. Raises StoreUnavailable.
    """
    done = 0
    for namespace in outbox.namespaces():
        written, _refused = replay(outbox, store, lease(namespace), namespace)
        done += written
    return done
