"""The books of a namespace at the start and the end: opening, audit, reconciliation."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.first_reading import FirstReading
from fleet.protocol.clock import GameTime
from fleet.protocol.rows import Row
from fleet.storage.audit import AuditReport, audit, corrections, reconcile
from fleet.storage.batch import Batch
from fleet.storage.engine import Store
from fleet.storage.lease import Lease
from fleet.storage.ledger import opening
from fleet.storage.resume import ledger_seq


@dataclass(frozen=True, slots=True)
class Accounts:
    """Used in the main thread, before the writer actor starts and after it has stopped."""

    store: Store
    lease: Lease
    namespace: int
    epoch: int

    def open(self, reading: FirstReading, now: GameTime) -> int:
        """Write the opening row of a new namespace, or reconcile an old one with the API.

        Gives the credits that had to be reconciled.
        """
        if ledger_seq(self.store, self.namespace) == 0:
            self._write([opening(reading.agent.credits, row_id=f"{self.epoch}-0", at=now)])
            return 0
        report = self.check(reading)
        # What left a hold while nobody looked would stay in the database for ever.
        rows = corrections(report)
        if report.difference:
            rows.append(reconcile(report, row_id=f"{self.epoch}-0", at=now))
        self._write(rows)
        return report.difference

    def _write(self, rows: list[Row]) -> None:
        self.store.write(Batch(self.namespace, rows), self.lease)

    def check(self, reading: FirstReading) -> AuditReport:
        """Compare the books with what the API says."""
        cargo = {
            ship.symbol: {item.symbol: item.units for item in ship.cargo.inventory}
            for ship in reading.ships
        }
        return audit(
            self.store,
            self.namespace,
            credits=reading.agent.credits,
            ships=[ship.symbol for ship in reading.ships],
            cargo=cargo,
        )
