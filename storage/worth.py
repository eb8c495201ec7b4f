"""What the fleet is worth: ships at the price paid, from the ledger."""

from __future__ import annotations

from sqlalchemy import func, select

from fleet.storage.reader import Source
from fleet.storage.tables import LEDGER


def ships_value(source: Source, namespace: int) -> int:
    """Sum up what was paid for ships, in credits. Raises StoreUnavailable.

    Ships that came with the agent cost nothing and count nothing; a scrapped ship brings its
    price back as credits, which the sum of purchases does not know of.
    """
    paid = select(func.coalesce(func.sum(-LEDGER.c.delta), 0)).where(
        LEDGER.c.namespace_id == namespace, LEDGER.c.operation == "purchase-ship"
    )
    with source.reading() as connection:
        return int(connection.execute(paid).scalar_one())
