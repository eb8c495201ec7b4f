"""Numbers that the store hands out itself: ship ids and the order of the ledger."""

from __future__ import annotations

import re

from sqlalchemy import Connection, func, select

from fleet.storage.tables import LEDGER, SHIP_IDS

ROW_ID = re.compile(r"(\d{1,7})-(\d{1,10})(?:-(\d{1,3}))?", re.ASCII)
"""`EPOCH-NUMBER`, or `EPOCH-NUMBER-PART` where one request makes several rows of a table."""

NUMBER_BITS = 34
PART_BITS = 10
EPOCH_BITS = 63 - NUMBER_BITS - PART_BITS


def row_number(row_id: str) -> int:
    """Turn a sender's id into one number that sorts by epoch, number, part.

    Raises ValueError for an id of another form, or beyond 524,287 epochs, 17 thousand million
    numbers per epoch, 1,000 parts.
    """
    found = ROW_ID.fullmatch(row_id) if isinstance(row_id, str) else None
    if found is None:
        raise ValueError(f"the id {row_id!r} is not EPOCH-NUMBER or EPOCH-NUMBER-PART")
    epoch, number, part = int(found[1]), int(found[2]), int(found[3] or 0)
    if epoch >> EPOCH_BITS or number >> NUMBER_BITS:
        raise ValueError(f"the id {row_id!r} is too large")
    return epoch << NUMBER_BITS + PART_BITS | number << PART_BITS | part


class Keys:
    """Hands out numbers within one writer's transactions; belongs to that writer's thread."""

    def __init__(self) -> None:
        self._ships: dict[tuple[int, str], int] = {}
        self._sequences: dict[int, int] = {}
        self._connection: Connection | None = None

    def begin(self, connection: Connection) -> None:
        """Use this connection, which is in a transaction, for what has to be looked up."""
        self._connection = connection

    def forget(self) -> None:
        """Drop everything handed out: the transaction that held it was rolled back."""
        self._ships.clear()
        self._sequences.clear()
        self._connection = None

    def ship_id(self, namespace: int, symbol: str) -> int:
        """Give the ship's number, a new one for a ship never met."""
        known = self._ships.get((namespace, symbol))
        if known is None:
            known = self._ships[namespace, symbol] = self._find_ship(namespace, symbol)
        return known

    def ledger_seq(self, namespace: int, given: int | None) -> int:
        """Give the next place in the ledger; one chosen by the sender is kept and remembered."""
        last = self._sequences.get(namespace)
        if last is None:
            last = self._last_sequence(namespace)
        seq = last + 1 if given is None else given
        if isinstance(seq, int):
            self._sequences[namespace] = max(last, seq)
        return seq

    def _find_ship(self, namespace: int, symbol: str) -> int:
        values = {"namespace_id": namespace, "symbol": symbol}
        query = select(SHIP_IDS.c.id).filter_by(**values)
        found = self._transaction.execute(query).scalar()
        if found is None:
            made = self._transaction.execute(
                SHIP_IDS.insert().values(**values).returning(SHIP_IDS.c.id)
            )
            found = made.scalar_one()
        return int(found)

    def _last_sequence(self, namespace: int) -> int:
        query = select(func.max(LEDGER.c.seq)).where(LEDGER.c.namespace_id == namespace)
        return self._transaction.execute(query).scalar() or 0

    @property
    def _transaction(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("numbers are handed out in a transaction only")
        return self._connection
